#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/journaling.hpp"
#include "cli/run_lock.hpp"
#include "cli/run_options.hpp"
#include "cli/supervisor.hpp"
#include "notify/tell.hpp"

namespace audit::cli {

// Where a run meets those before it: its lock, the run that it goes on with, what it is compared with, what it removes.
// Each says on standard error why something cannot be.

/// No two runs of one inventory at a time, where runs are kept. False, and a message, where this one may not begin.
bool lock_inventory(const RunOptions& options, const std::string& state, const std::vector<std::string>& arguments,
                    std::optional<RunLock>& lock, int& code);

/// The run to be resumed: because the user asked, or because the process died that did the work; none is a new run.
/// False, and a message, where the user asked and there is none.
bool find_unfinished(const RunOptions& options, const std::string& state, const Attempt& attempt,
                     std::optional<store::RunStart>& found);

/// What an earlier process of this command had kept as ended before it died: only its reports are to be written.
struct EndedRun {
  RunRecord record;
  std::string scope;
  bool told = false;  // whoever is to be told of it was
};
/// None where there is still something to ask. Error: there is such a run, and it cannot be read.
[[nodiscard]] Result<std::optional<EndedRun>> find_ended(const std::string& state, const Attempt& attempt);

/// As the report says that a process died and the next one had to begin, or go on with, the run.
[[nodiscard]] std::string notice_of_new_beginning(const std::string& death);

/// What the commands of sources had printed when the run began that is gone on with; nothing where there is no such run.
[[nodiscard]] std::vector<ExpandedSource> known_sources(const RunOptions& options, const std::string& state,
                                                        const Attempt& attempt);

/// Begins the run in the history, or goes on with it. Null, and `code`, where that cannot be.
std::unique_ptr<Journaling> open_journal(const std::string& state, const core::Plan& plan, const Sources& sources,
                                         const std::optional<store::RunStart>& unfinished, int& code);

/// Keeps the run, and has the record say since when its failures are seen. Error: it is not kept.
Result<void> finish_journal(Journaling& journaling, RunRecord& record);

/// What is different from the baseline, or from the last complete run; none where there is nothing to compare with.
/// `state` and `scope` are "" where runs are not kept.
std::optional<Since> diff_of(const RunRecord& record, const FailOn& fail_on, const std::string& baseline,
                             const std::string& state, const std::string& scope);

/// Keeps who was told of the run. They were told, and the run is kept: that this cannot be is not worth a message.
void keep_told(const std::string& state, const RunRecord& record, const std::vector<notify::Outcome>& told);

/// Removes past runs beyond [history] keep. What cannot be removed is told, and no fault of this run.
void prune_history(const std::string& state, const inventory::HistorySettings& settings, bool quiet);

}  // namespace audit::cli

#pragma once

#include <string>

#include "base/result.hpp"
#include "base/run_record.hpp"
#include "cli/watch_progress.hpp"

namespace audit::cli {

/// Puts the confirmed states in place of what the round saw: of every target and check by itself. The summary stays the
/// round's, so that what could not be seen just now lowers the coverage at once.
void show_confirmed(RunRecord& record, const WatchStates& states);

/// Writes the metrics of a round whose record shows what is confirmed, and those of the watch; the file appears whole.
[[nodiscard]] Result<void> write_textfile(const std::string& path, const RunRecord& record,
                                          const WatchProgress& progress);

}  // namespace audit::cli

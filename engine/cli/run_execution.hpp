#pragma once

#include <memory>
#include <string>
#include <vector>

#include "audit/plan.hpp"
#include "base/run_record.hpp"
#include "cli/journaling.hpp"
#include "cli/live_lines.hpp"
#include "cli/run_options.hpp"
#include "cli/supervisor.hpp"
#include "cli/transcript_sink.hpp"
#include "net/recording.hpp"

namespace audit::cli {

/// What a run is recorded to, or replayed from; both null where it is neither.
struct Transcript {
  std::unique_ptr<TranscriptSink> sink;
  std::unique_ptr<net::Recording> recording;
};

/// What a run is done with. All outlives it.
struct RunMeans {
  const core::Plan& plan;
  const RunOptions& options;
  Duration limit;  // zero: none
  const Transcript& transcript;
  const std::vector<std::string>& arguments;
  const Attempt& attempt;
  Journaling* journaling;  // null where runs are not kept
  LiveLines* lines;        // null where no report is written while the run goes on
};

/// Runs the plan with progress, signals and time limit; the record is ready to be reported. Error: what was kept of the
/// run before cannot be read.
[[nodiscard]] Result<RunRecord> execute(const RunMeans& means);

}  // namespace audit::cli

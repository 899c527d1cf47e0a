#pragma once

#include <map>
#include <string>

#include "audit/run.hpp"
#include "base/run_record.hpp"
#include "base/scrubber.hpp"
#include "cli/setup.hpp"
#include "cli/supervisor.hpp"
#include "cli/watch_signals.hpp"

namespace audit::cli {

/// One round, ended: a run's record, and what was heard of its echoes by target.
struct WatchRound {
  RunRecord record;
  std::map<std::string, core::Echoes> echoes;
  Duration taken{};
};

/// Runs one plan again and again. What a run needs and no round changes is made once: rules, plan, credentials, this
/// machine's descriptors. Resolvers and the day are looked at anew, for a watch outlives both.
class RoundRunner {
 public:
  RoundRunner(const core::Plan& plan, bool allow_commands, const Attempt& attempt);

  /// Throws what went wrong in the engine itself. A round that a signal ends says so in `run.stopped_by`.
  [[nodiscard]] WatchRound run(WatchSignals& signals);

 private:
  const core::Plan& plan_;
  const Attempt& attempt_;
  probe::Identity identity_;
  Scrubber scrubber_;
  core::Machinery machinery_;
};

}  // namespace audit::cli

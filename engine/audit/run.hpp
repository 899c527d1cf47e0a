#pragma once

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "audit/worker.hpp"

namespace audit::core {

/// What this process may use.
struct Machinery {
  std::uint32_t shards = 1;
  std::uint32_t descriptors = 1'024;  // for sockets, all shards together
};

/// How many shards and descriptors this process has: RLIMIT_NOFILE is raised to its hard limit first.
[[nodiscard]] Machinery measure_machinery();

/// How a run went, besides what the sink was told.
struct RunOutcome {
  ProbeCounters counters;
  std::uint64_t unasked = 0;         // candidates that the run's end left unasked
  std::vector<std::string> notices;  // about this machine, each once
  std::vector<LeftOut> left_out;     // of the inventory, of one rule or of all
  std::exception_ptr failure;        // of the engine itself
};

/// Runs a plan over the real network, in one thread a shard, or over a recording. A run that is recorded or replayed has
/// one shard: it is one sequence of events. `stop` may be called from any thread.
class Run {
 public:
  Run(RunShared& shared, Machinery machinery);
  ~Run();
  /// Blocks until every member has been delivered to the sink, after a stop too.
  [[nodiscard]] RunOutcome execute();
  /// Every wait ends, what is open is delivered as it stands, the rest as not_reviewed (stopped).
  void stop();

 private:
  struct Shard;
  void deliver_unreached(RunOutcome& outcome);
  void judge_run(RunOutcome& outcome);

  RunShared& shared_;
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace audit::core

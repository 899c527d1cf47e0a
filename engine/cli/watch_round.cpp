#include "cli/watch_round.hpp"

#include <mutex>

#include "cli/collector.hpp"
#include "cli/run_head.hpp"
#include "inventory/time_zone.hpp"

namespace audit::cli {
namespace {

/// Keeps the echoes, and hands everything on.
class RoundSink final : public core::Sink {
 public:
  explicit RoundSink(Collector& collector) : collector_(collector) {}

  void deliver(core::TargetMessage& message) override {
    if (message.echoes.sent > 0) {
      const std::lock_guard lock(mutex_);
      echoes_[message.record.id] = message.echoes;
    }
    collector_.deliver(message);
  }
  void conclude(core::RunMessage message) override { collector_.conclude(std::move(message)); }
  [[nodiscard]] std::map<std::string, core::Echoes> take() { return std::move(echoes_); }

 private:
  Collector& collector_;
  std::mutex mutex_;
  std::map<std::string, core::Echoes> echoes_;
};

}  // namespace

RoundRunner::RoundRunner(const core::Plan& plan, bool allow_commands, const Attempt& attempt)
    : plan_(plan), attempt_(attempt), identity_(identity_of(*plan.inventory, allow_commands)),
      scrubber_(identity_.credentials->written_forms()), machinery_(core::measure_machinery()) {}

WatchRound RoundRunner::run(WatchSignals& signals) {
  const net::ResolverConfig resolvers = resolvers_of(*plan_.inventory);
  const WallTime started = wall_now();
  const auto began = std::chrono::steady_clock::now();
  Collector collector(plan_, inventory::day_in(plan_.inventory->timezone, started), scrubber_,
                      [](std::uint16_t) { return std::string(); });
  RoundSink sink(collector);
  net::Rate rate(plan_.inventory->limits.rate);
  core::RunShared shared(plan_, rate, resolvers, identity_, sink);
  for (lua::OnCpu& shard : attempt_.shards) shared.supervision.push_back({&shard, &attempt_.stuck});
  core::Run run(shared, machinery_);
  signals.begin(run);
  const core::RunOutcome outcome = run.execute();
  signals.end();
  if (outcome.failure) std::rethrow_exception(outcome.failure);
  WatchRound round;
  round.record = collector.finish(outcome);
  round.echoes = sink.take();
  describe_start(round.record, started);
  describe_finish(round.record, signals.stopped_by(), plan_.inventory->timezone);
  round.taken = std::chrono::steady_clock::now() - began;
  return round;
}

}  // namespace audit::cli

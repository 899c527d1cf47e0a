#pragma once

#include <atomic>
#include <exception>
#include <memory>
#include <vector>

#include "audit/earlier.hpp"
#include "audit/gathering.hpp"
#include "audit/name_guards.hpp"
#include "audit/plan.hpp"
#include "audit/shared_ports.hpp"
#include "audit/sink.hpp"
#include "base/ordinal_set.hpp"
#include "lua/machine.hpp"
#include "net/recorder.hpp"
#include "net/recording.hpp"
#include "probe/services.hpp"

namespace audit::core {

/// The one sequence of members that all shards pull from.
class Cursor {
 public:
  explicit Cursor(std::uint64_t size) : size_(size) {}
  /// The next position, or size() where there is none left.
  [[nodiscard]] std::uint64_t take() noexcept {
    const std::uint64_t position = next_.fetch_add(1, std::memory_order_relaxed);
    return position < size_ ? position : size_;
  }
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

 private:
  std::uint64_t size_;
  std::atomic<std::uint64_t> next_{0};
};

/// What all shards of a run share. Read-only but for the rate, the cursor and the prefixes, which are atomic.
struct RunShared {
  RunShared(const Plan& plan_in, net::Rate& rate_in, const net::ResolverConfig& resolver_in,
            const probe::Identity& identity_in, Sink& sink_in)
      : plan(plan_in), rate(rate_in), resolver(resolver_in), identity(identity_in), sink(sink_in),
        cursor(plan_in.expansion->size()) {}

  /// What a shard has done with a member: what it collected stays here, the rest goes to the sink.
  void deliver(TargetMessage message) {
    not_asked.count(message);
    sink.deliver(message);
    gathering.take(message);
  }
  /// What an earlier process of the same run had done with it: it is not asked again.
  void restore(TargetMessage message) {
    restored.insert(message.member.ordinal);
    deliver(std::move(message));
  }

  const Plan& plan;
  net::Rate& rate;
  const net::ResolverConfig& resolver;
  const probe::Identity& identity;
  Sink& sink;
  Cursor cursor;
  net::PrefixLimit prefixes{plan.inventory->limits.per_prefix, plan.inventory->limits.per_prefix_bounds_sweep
                                                                   ? net::PrefixLimit::Bounds::everything
                                                                   : net::PrefixLimit::Bounds::conversations};
  net::Tracer* tracer = nullptr;              // of all shards, or none
  net::Recorder* recorder = nullptr;          // where the run is recorded, or none
  net::RunStart start;                        // what is recorded of its start
  net::Recording* recording = nullptr;        // what answers in place of the network, or none
  std::vector<lua::Supervision> supervision;  // of each shard, or none
  Gathering gathering;
  NotAskedTally not_asked;
  SharedPorts shared_ports;
  std::shared_ptr<net::DnsCache> names = std::make_shared<net::DnsCache>();
  NameGuards name_guards;
  Earlier earlier;
  OrdinalSet restored;          // members; filled before the run begins
  bool judged_already = false;  // the rules about the whole run
  lua::Budget budget;
  std::uint32_t targets_open = 512;   // at most, on each shard
  std::uint32_t checks_live = 2'000;  // Lua checks at once, on each shard
};

/// One shard's part of a run: pulls members, keeps a bounded number open, audits each. Lives on its shard's thread.
class Worker {
 public:
  /// `number`: which of the shards it is, from 0.
  Worker(RunShared& shared, net::World& world, std::size_t number = 0);
  ~Worker();

  /// Spawns the work on the world's io_context; it ends when the cursor is spent or the world is stopped. The first shard
  /// resolves the names that guard addresses before; the others are started once these are known.
  void start();
  /// Spawns the judging of the run-scope rules, once every member has been delivered; the outcome goes to the sink.
  void start_judging();
  /// What went wrong in the engine itself, if anything did; look after the io_context has run dry.
  [[nodiscard]] std::exception_ptr failure() const noexcept { return failure_; }
  [[nodiscard]] const ProbeCounters& counters() const noexcept { return services_.counters; }

 private:
  [[nodiscard]] awaitable<void> begin();
  [[nodiscard]] awaitable<void> learn_guards(const inventory::GuardIndex& guards);
  [[nodiscard]] awaitable<void> pull();
  [[nodiscard]] awaitable<net::Wake> leave_to_open();
  [[nodiscard]] awaitable<void> audit_member(inventory::Member member);
  [[nodiscard]] awaitable<void> judge();
  void ended(const std::exception_ptr& failure);

  RunShared& shared_;
  net::World& world_;
  std::size_t number_;
  probe::Services services_;
  std::unique_ptr<lua::Machine> machine_;
  net::Semaphore open_;
  net::Semaphore live_;
  net::Sleeper puller_;
  std::uint32_t window_;  // how many targets the puller keeps open
  Instant looked_{};      // when it last looked whether there may be more
  std::exception_ptr failure_;
};

}  // namespace audit::core

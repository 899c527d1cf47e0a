#include "audit/run.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "audit/run_checks.hpp"
#include "audit/target_run.hpp"
#include "net/kernel_world.hpp"
#include "net/recording_world.hpp"
#include "net/replaying_world.hpp"

namespace audit::core {
namespace {

constexpr std::uint32_t spare_descriptors = 8;       // reports, libraries, what a resolver opens
constexpr std::uint32_t descriptors_of_a_shard = 7;  // three epoll sets, timer, wake-up, two for echoes
constexpr std::uint32_t most_descriptors = 200'000;
constexpr std::uint32_t sensible_share = 16;  // a shard with fewer sockets than this is no help

std::uint32_t open_descriptors() {
  std::error_code failure;
  std::uint32_t count = 0;
  for (auto it = std::filesystem::directory_iterator("/proc/self/fd", failure);
       !failure && it != std::filesystem::directory_iterator(); it.increment(failure))
    ++count;
  return failure ? 16 : count;
}

/// Makes the process's table of descriptors as large as it will get, while one thread alone has it: to grow it later,
/// Linux waits for every processor (synchronize_rcu, some 20 ms each time it doubles).
void make_room_for(std::uint32_t descriptors) {
  constexpr std::uint32_t most_room = 65'536;
  const int probe = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, static_cast<int>(std::min(descriptors, most_room)) - 1);
  if (probe >= 0) close(probe);
}

/// Lanes of the sweep and places for conversations, out of one shard's descriptors.
net::KernelShare share_of(std::uint32_t descriptors) {
  const std::uint32_t talks = std::clamp<std::uint32_t>(descriptors / 4, 2, 1'024);
  return {std::max<std::uint32_t>(2, descriptors > talks ? descriptors - talks : 2), talks};
}

}  // namespace

Machinery measure_machinery() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
  }
  const auto allowed = static_cast<std::uint32_t>(std::min<rlim_t>(limit.rlim_cur, most_descriptors));
  if (allowed > 0) make_room_for(allowed);
  const std::uint32_t taken = open_descriptors() + spare_descriptors;
  const std::uint32_t left = allowed > taken ? allowed - taken : 0;
  Machinery machinery;
  machinery.shards = std::max(1U, std::thread::hardware_concurrency());
  while (machinery.shards > 1 && left < machinery.shards * (descriptors_of_a_shard + sensible_share))
    --machinery.shards;
  const std::uint32_t fixed = machinery.shards * descriptors_of_a_shard;
  machinery.descriptors = std::max<std::uint32_t>(4, left > fixed ? left - fixed : 4);
  return machinery;
}

namespace {

/// The network, itself or as it was recorded.
std::unique_ptr<net::World> make_world(RunShared& shared, asio::io_context& io, net::KernelShare share) {
  if (shared.recording != nullptr) return std::make_unique<net::ReplayingWorld>(io, *shared.recording);
  if (shared.recorder == nullptr) return std::make_unique<net::KernelWorld>(io, share);
  auto outside = std::make_unique<net::KernelOutside>(share);
  shared.start.port_lanes = share.port_lanes;
  shared.recorder->add(shared.start);
  return std::make_unique<net::RecordingWorld>(io, std::move(outside), *shared.recorder, shared.start);
}

}  // namespace

struct Run::Shard {
  Shard(RunShared& shared, net::KernelShare share, std::size_t number)
      : io(1), world(make_world(shared, io, share)), worker(shared, *world, number) {
    if (shared.tracer != nullptr) world->trace(*shared.tracer);
  }

  asio::io_context io;
  std::unique_ptr<net::World> world;
  Worker worker;
  std::thread thread;
};

Run::Run(RunShared& shared, Machinery machinery) : shared_(shared) {
  const std::uint64_t members = std::max<std::uint64_t>(1, shared.cursor.size());
  if (shared.recorder != nullptr || shared.recording != nullptr) machinery.shards = 1;
  const auto useful = static_cast<std::uint32_t>(std::min<std::uint64_t>(machinery.shards, members));
  for (std::uint32_t i = 0; i < useful; ++i)
    shards_.push_back(std::make_unique<Shard>(shared, share_of(machinery.descriptors / useful), i));
}

Run::~Run() = default;

RunOutcome Run::execute() {
  RunOutcome outcome;
  const auto work = [](Shard& shard) {
    shard.worker.start();
    shard.world->run();
  };
  const auto work_later = [&](Shard& shard) {
    shared_.name_guards.wait();
    work(shard);
  };
  for (std::size_t i = 1; i < shards_.size(); ++i) shards_[i]->thread = std::thread(work_later, std::ref(*shards_[i]));
  work(*shards_.front());
  shared_.name_guards.open();  // where it could not begin
  for (std::size_t i = 1; i < shards_.size(); ++i) shards_[i]->thread.join();
  for (const auto& shard : shards_) {
    outcome.counters += shard->worker.counters();
    if (!outcome.failure) outcome.failure = shard->worker.failure();
    for (const Family family : {Family::v4, Family::v6}) {
      const std::string why = shard->world->why_no_echo(family);
      const std::string notice = "hosts were looked for by their ports alone: " + why;
      if (!why.empty() && std::find(outcome.notices.begin(), outcome.notices.end(), notice) == outcome.notices.end())
        outcome.notices.push_back(notice);
    }
  }
  for (std::string& notice : shared_.shared_ports.notices()) outcome.notices.push_back(std::move(notice));
  const std::vector<std::string>& unguarded = shared_.name_guards.notices();
  outcome.notices.insert(outcome.notices.end(), unguarded.begin(), unguarded.end());
  deliver_unreached(outcome);
  outcome.left_out = shared_.not_asked.parts(shared_.plan);
  judge_run(outcome);
  return outcome;
}

void Run::stop() {
  for (const auto& shard : shards_) shard->world->stop_soon();
}

/// What the cursor still holds after a stop; nothing after a run that came to its end.
void Run::deliver_unreached(RunOutcome& outcome) {
  const Plan& plan = shared_.plan;
  for (std::uint64_t position = shared_.cursor.take(); position != shared_.cursor.size();
       position = shared_.cursor.take()) {
    const inventory::Member member = plan.expansion->at(position);
    if (plan.expansion->duplicate(member) || shared_.restored.contains(member.ordinal)) continue;
    TargetMessage message = unreached(plan, member, &shared_.name_guards, shared_.earlier.of(member.ordinal));
    if (message.fate == Fate::unasked) {
      ++outcome.unasked;
    } else {
      shared_.deliver(std::move(message));
    }
  }
}

/// In this thread: no shard has anything left to do.
void Run::judge_run(RunOutcome& outcome) {
  if (outcome.failure || shared_.judged_already || shared_.plan.run_rules().empty()) return;
  Shard& shard = *shards_.front();
  if (std::any_of(shards_.begin(), shards_.end(), [](const auto& one) { return one->world->stopped(); })) {
    shared_.sink.conclude(unjudged_run(shared_.plan, shared_.gathering));
    return;
  }
  shard.io.restart();
  shard.worker.start_judging();
  shard.world->run();
  outcome.failure = shard.worker.failure();
}

}  // namespace audit::core

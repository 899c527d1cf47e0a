#include "audit/worker.hpp"

#include <unistd.h>

#include "audit/run_checks.hpp"
#include "audit/target_run.hpp"
#include "inventory/guard_index.hpp"

namespace audit::core {
namespace {

constexpr std::uint32_t first_window = 32;
constexpr std::uint32_t at_a_time = 8;                     // opened one after another
constexpr Duration moment = std::chrono::milliseconds(1);  // between two looks at whether a shard has nothing to do
constexpr Duration busy = std::chrono::microseconds(20);   // what is ready takes longer than this

}  // namespace

Worker::Worker(RunShared& shared, net::World& world, std::size_t number)
    : shared_(shared), world_(world), number_(number),
      services_(world, shared.rate, shared.resolver, shared.identity, shared.names),
      open_(world.deadlines(), shared.targets_open), live_(world.deadlines(), shared.checks_live),
      puller_(world.deadlines()), window_(first_window) {
  services_.prefixes = &shared.prefixes;
}

Worker::~Worker() = default;

void Worker::ended(const std::exception_ptr& failure) {
  if (!failure || failure_) return;
  failure_ = failure;
  world_.stop();
}

void Worker::start() {
  try {
    machine_ = std::make_unique<lua::Machine>(shared_.plan.rule_set, shared_.budget);
    if (number_ < shared_.supervision.size()) {
      const lua::Supervision& supervision = shared_.supervision[number_];
      if (supervision.on_cpu != nullptr) supervision.on_cpu->begin(gettid());
      machine_->supervise(supervision);
    }
  } catch (...) {
    ended(std::current_exception());
    return;
  }
  asio::co_spawn(world_.io(), begin(), [this](const std::exception_ptr& failure) { ended(failure); });
}

awaitable<void> Worker::begin() {
  const inventory::GuardIndex* guards = shared_.plan.inventory->guards.get();
  if (number_ == 0 && guards != nullptr) co_await learn_guards(*guards);
  if (number_ == 0) shared_.name_guards.open();
  co_await pull();
}

awaitable<void> Worker::learn_guards(const inventory::GuardIndex& guards) {
  co_await shared_.name_guards.learn(guards, services_, &shared_.earlier);
  if (!shared_.sink.wants_parts()) co_return;
  PartMessage part;
  part.resolutions = shared_.name_guards.resolutions();
  std::erase_if(part.resolutions,
                [&](const Resolution& one) { return shared_.earlier.resolution(one.name) != nullptr; });
  if (!part.resolutions.empty()) shared_.sink.deliver_part(part);
}

/// Targets that answer at once are done a few after another: what they need stays in the processor's cache, which takes a
/// twentieth off a run. Where the shard only waits for them, more are opened every moment.
awaitable<net::Wake> Worker::leave_to_open() {
  while (window_ < shared_.targets_open && shared_.targets_open - open_.free() >= window_) {
    const net::Wake wake = co_await puller_.sleep(looked_ + moment);
    if (wake == net::Wake::stopped) co_return wake;
    const Instant before = world_.now();
    if (before < looked_ + moment) continue;
    auto token = use_awaitable;
    co_await asio::post(world_.io().get_executor(), token);  // behind all that is ready
    looked_ = world_.now();
    if (looked_ - before < busy) window_ += at_a_time;
  }
  net::Wake wake = net::Wake::signalled;
  if (!open_.try_acquire())  // mostly there is room, and no coroutine is needed to say so
    wake = co_await open_.acquire(never);
  co_return wake;
}

/// Targets are opened a few at a time, between what the open ones need: the shard that gets on faster opens more.
awaitable<void> Worker::pull() {
  for (std::uint32_t pulled = 1; !world_.stopped(); ++pulled) {
    if (pulled % at_a_time == 0) {
      auto token = use_awaitable;
      co_await asio::post(world_.io().get_executor(), token);
    }
    const std::uint64_t position = shared_.cursor.take();
    if (position == shared_.cursor.size()) co_return;
    const inventory::Member member = shared_.plan.expansion->at(position);
    if (shared_.plan.expansion->duplicate(member) || shared_.restored.contains(member.ordinal)) continue;
    if (member.excluded != nullptr) {
      shared_.deliver(unreached(shared_.plan, member, &shared_.name_guards));
      continue;
    }
    const net::Wake wake = co_await leave_to_open();
    if (wake != net::Wake::signalled) {
      TargetMessage message = unreached(shared_.plan, member, &shared_.name_guards, shared_.earlier.of(member.ordinal));
      shared_.deliver(std::move(message));
      co_return;
    }
    asio::co_spawn(world_.io(), audit_member(member), [this](const std::exception_ptr& failure) {
      open_.release();
      puller_.wake(net::Wake::signalled);
      ended(failure);
    });
  }
}

awaitable<void> Worker::audit_member(inventory::Member member) {
  TargetRun run(shared_.plan, services_, *machine_, live_, member, &shared_.shared_ports, &shared_.name_guards);
  if (shared_.sink.wants_parts()) run.hand_parts_to(shared_.sink);
  run.go_on_from(shared_.earlier);
  TargetMessage message = co_await run.execute();
  message.counted = services_.newly_counted();
  shared_.deliver(std::move(message));
}

void Worker::start_judging() {
  asio::co_spawn(world_.io(), judge(), [this](const std::exception_ptr& failure) { ended(failure); });
}

awaitable<void> Worker::judge() {
  RunMessage message =
      co_await judge_run(shared_.plan, services_, *machine_, shared_.gathering, shared_.not_asked.parts(shared_.plan));
  shared_.sink.conclude(std::move(message));
}

}  // namespace audit::core

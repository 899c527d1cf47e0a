#include <asio/executor_work_guard.hpp>

#include "sweeping.hpp"

using namespace audit;
using namespace audit::net;
using namespace audit::probe;
using namespace audit::test;

namespace {

constexpr std::uint32_t plenty = 100'000;  // of lanes: none is ever wanting

/// A sweep of 10.0.0.1 that is looked into while it goes on.
struct Watched : Sweeping {
  Watched(std::vector<std::uint16_t> ports, SweepLimits limits)
      : sweep(world, permit, hosts({"10.0.0.1"}), std::move(ports), limits) {
    world.lanes(plenty);
    asio::co_spawn(io, sweeper.run(sweep), [](const std::exception_ptr& failure) { REQUIRE_FALSE(failure); });
  }
  ~Watched() {
    world.stop();
    let_pass(1h);
  }

  /// As many lanes are taken as there must be for one to be free, but for that one.
  std::uint32_t in_flight() {
    std::uint32_t lanes = 0;
    do world.lanes(++lanes);
    while (!world.port_lane_free());
    world.lanes(plenty);
    return lanes - 1;
  }
  void let_pass(Duration duration) {
    const Instant until = in(duration);
    while (world.step(until)) {
    }
  }

  asio::executor_work_guard<asio::io_context::executor_type> work = asio::make_work_guard(io);
  Sweep sweep;
};

}  // namespace

TEST_CASE("the window grows while answers come, and stays narrow for a silent host") {
  Sweeping answering;
  answering.world.lanes(100'000);
  for (const std::uint16_t port : range(1, 5'000)) answering.behave("10.0.0.1", port, PortEvent::closed, 50ms);
  Sweep lively(answering.world, answering.permit, hosts({"10.0.0.1"}), range(1, 5'000), SweepLimits());
  answering.run(lively);
  CHECK(answering.world.most_in_flight() > 500);
  CHECK(answering.world.most_in_flight() <= 1'024);
  Sweeping silent;
  silent.world.lanes(100'000);
  Sweep mute(silent.world, silent.permit, hosts({"10.0.0.1"}), range(1, 5'000), SweepLimits());
  silent.run(mute);
  CHECK(silent.world.most_in_flight() > 32);
  CHECK(silent.world.most_in_flight() <= 256);
}

TEST_CASE("each loss that a later answer proves halves what is in flight, down to eight") {
  constexpr std::uint32_t many_attempts = 200;
  Watched watched(range(1, 5'000), SweepLimits(2s, many_attempts, {}));
  for (const std::uint16_t port : range(1, 2'000)) watched.behave("10.0.0.1", port, PortEvent::closed, 10ms);
  watched.let_pass(10s);
  REQUIRE(watched.in_flight() == 1'024);
  std::vector<std::uint32_t> left;
  for (std::uint16_t port = 3'001; port <= 3'009; ++port) {
    watched.behave("10.0.0.1", port, PortEvent::closed, 10ms);
    while (watched.sweep.find(ip("10.0.0.1"), port)->state != Reason::closed) REQUIRE(watched.world.step(never));
    watched.let_pass(2s);  // whoever was in flight has ended
    left.push_back(watched.in_flight());
  }
  CHECK(left == std::vector<std::uint32_t>{512, 256, 128, 64, 32, 16, 8, 8, 8});
}

TEST_CASE("a loss is proven while there are ports that were not asked yet") {
  Watched watched(range(1, 20'000), SweepLimits());
  for (const std::uint16_t port : range(2, 20'000)) watched.behave("10.0.0.1", port, PortEvent::closed, 500ms);
  while (watched.world.sent().empty()) REQUIRE(watched.world.step(never));
  watched.behave("10.0.0.1", 1, PortEvent::closed, 500ms);
  while (watched.sweep.find(ip("10.0.0.1"), 1)->state != Reason::closed) REQUIRE(watched.world.step(never));
  CHECK(watched.world.sent().size() < 10'000);
  CHECK(watched.counters.retried == 1);
}

TEST_CASE("after losses each answer at the first attempt lets one more be in flight, up to 1,024 again") {
  SweepLimits limits;
  limits.leave_the_dead = true;  // the first 64 ports come back before the others are asked
  limits.timeout = 100ms;        // and all of them before another has answered
  Watched watched(range(10'001, 40'000), limits);
  for (const std::uint16_t port : range(10'065, 40'000)) watched.behave("10.0.0.1", port, PortEvent::closed, 50ms);
  while (watched.world.sent().size() < 32 + 64) REQUIRE(watched.world.step(never));
  for (const std::uint16_t port : range(10'001, 10'064)) watched.behave("10.0.0.1", port, PortEvent::closed, 40ms);
  for (const std::uint16_t port : range(10'001, 10'064))
    while (watched.sweep.find(ip("10.0.0.1"), port)->state != Reason::closed) REQUIRE(watched.world.step(never));
  watched.let_pass(50ms);  // whoever was in flight has ended
  std::uint32_t before = watched.in_flight();
  CHECK(before >= 8);
  CHECK(before <= 64);
  for (int round = 0; round < 8; ++round) {  // in a round trip each that is in flight is answered once
    watched.let_pass(50ms);
    CHECK(watched.in_flight() == std::min(2 * before, 1'024U));
    before = watched.in_flight();
  }
  CHECK(before == 1'024);
}

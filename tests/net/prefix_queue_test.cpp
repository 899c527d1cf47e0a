#include "net/prefix_queue.hpp"

#include <catch2/catch.hpp>

#include "playing.hpp"

using namespace audit;
using namespace audit::net;
using namespace audit::test;

namespace {

struct Waiters {
  explicit Waiters(std::uint32_t most) : limit(most), queue(world) {}

  /// Comes now, and keeps its place, where it gets one by `deadline`, for `long_as`.
  void come(char name, Duration deadline, Duration long_as) {
    auto task = [this, name, deadline, long_as]() -> awaitable<void> {
      const std::shared_ptr<void> place = co_await queue.take(limit, ip("10.0.0.1"), world.now() + deadline);
      log += name;
      if (!place) log += world.stopped() ? '!' : '?';
      if (!place) co_return;
      Sleeper sleeper(world.deadlines());
      const Wake slept = co_await sleeper.sleep(world.now() + long_as);
      (void)slept;
    };
    tasks.push_back(std::move(task));
    start(io, tasks.back());
  }

  asio::io_context io{1};
  ScriptedWorld world{io};
  PrefixLimit limit;
  PrefixQueue queue;
  std::string log;
  std::deque<std::function<awaitable<void>()>> tasks;
};

}  // namespace

TEST_CASE("who waits for a place in a prefix gets it in the order of coming, at once when it is given back") {
  Waiters waiters(1);
  const Instant began = waiters.world.now();
  for (const char name : {'a', 'b', 'c', 'd'}) waiters.come(name, 1h, 10s);
  waiters.world.run();
  CHECK(waiters.log == "abcd");
  CHECK(waiters.world.now() - began == 40s);
  CHECK(waiters.limit.count_of(ip("10.0.0.1")).taken == 0);
  CHECK(waiters.limit.count_of(ip("10.0.0.1")).waiting == 0);
}

TEST_CASE("who is not served in time takes no place, and holds up nobody behind it") {
  Waiters waiters(1);
  waiters.come('a', 1h, 10s);
  waiters.come('b', 5s, 1h);
  waiters.come('c', 1h, 1s);
  waiters.world.run();
  CHECK(waiters.log == "ab?c");
  CHECK(waiters.limit.count_of(ip("10.0.0.1")).taken == 0);
}

TEST_CASE("a place that another shard gave back is found too") {
  Waiters waiters(1);
  std::shared_ptr<void> elsewhere = hold(waiters.limit, ip("10.0.0.9"));
  REQUIRE(elsewhere);
  waiters.come('a', 1h, 0s);
  auto other = [&]() -> awaitable<void> {
    Sleeper sleeper(waiters.world.deadlines());
    const Wake slept = co_await sleeper.sleep(waiters.world.now() + 1s);
    CHECK(slept == Wake::deadline);
    CHECK(waiters.log.empty());
    elsewhere.reset();
  };
  start(waiters.io, other);
  const Instant began = waiters.world.now();
  waiters.world.run();
  CHECK(waiters.log == "a");
  CHECK(waiters.world.now() - began < 1s + 20ms);
}

TEST_CASE("a place that somebody waits for is no one else's, although it is free") {
  Waiters waiters(1);
  PrefixLimit::Count& count = waiters.limit.count_of(ip("10.0.0.1"));
  const auto kind = PrefixLimit::Kind::conversation;
  REQUIRE(waiters.limit.try_take(count, kind));  // by another shard
  CHECK_FALSE(waiters.queue.try_take(waiters.limit, count, kind));
  waiters.come('a', 1h, 1s);
  waiters.io.poll();
  PrefixLimit::give_back(count, kind);
  CHECK_FALSE(waiters.queue.try_take(waiters.limit, count, kind));
  waiters.world.run();
  CHECK(waiters.log == "a");
  const std::shared_ptr<void> place = waiters.queue.try_take(waiters.limit, count, kind);
  CHECK(place);
  CHECK(count.taken == 1);
}

TEST_CASE("the run's end ends the waiting for a place") {
  Waiters waiters(1);
  const std::shared_ptr<void> held = hold(waiters.limit, ip("10.0.0.9"));
  waiters.come('a', 1h, 0s);
  auto stop = [&]() -> awaitable<void> {
    waiters.world.stop();
    co_return;
  };
  start(waiters.io, stop);
  waiters.world.run();
  CHECK(waiters.log == "a!");
}

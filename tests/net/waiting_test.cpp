#include "net/waiting.hpp"

#include <catch2/catch.hpp>

#include "playing.hpp"

using namespace audit;
using namespace audit::net;
using namespace audit::test;

namespace {

/// Sleeps so long in a world's time.
awaitable<Wake> pause(World& world, Duration duration) {
  Sleeper sleeper(world.deadlines());
  const Wake how = co_await sleeper.sleep(world.now() + duration);
  co_return how;
}

}  // namespace

TEST_CASE("an event wakes everybody who waits, and whoever comes later does not wait") {
  Stage stage;
  Event event(stage.world.deadlines());
  int woken = 0;
  auto waiter = [&]() -> awaitable<void> {
    const Wake how = co_await event.wait(never);
    if (how == Wake::signalled) ++woken;
  };
  for (int i = 0; i < 5; ++i) start(stage.io, waiter);
  auto cause = [&]() -> awaitable<void> {
    co_await pause(stage.world, 3s);
    CHECK(woken == 0);
    event.happen();
    event.happen();
  };
  play(stage.world, cause);
  CHECK(woken == 5);
  play(stage.world, waiter);
  CHECK(woken == 6);
}

TEST_CASE("a wait for an event ends at its deadline, and leaves nothing in it") {
  Stage stage;
  Event event(stage.world.deadlines());
  Wake how = Wake::signalled;
  auto waiter = [&]() -> awaitable<void> { how = co_await event.wait(stage.in(2s)); };
  const Instant began = stage.world.now();
  play(stage.world, waiter);
  CHECK(how == Wake::deadline);
  CHECK(stage.world.now() - began == 2s);
  event.happen();  // would touch the coroutine that is gone
  CHECK(stage.world.deadlines().size() == 0);
}

TEST_CASE("an event that happens in the instant of the deadline wakes once") {
  Stage stage;
  Event event(stage.world.deadlines());
  int woken = 0;
  auto cause = [&]() -> awaitable<void> {
    co_await pause(stage.world, 2s);
    event.happen();
  };
  start(stage.io, cause);
  auto waiter = [&]() -> awaitable<void> {
    co_await event.wait(stage.in(2s));
    ++woken;
  };
  play(stage.world, waiter);
  CHECK(woken == 1);
}

TEST_CASE("a stop ends a wait, and one that begins after it") {
  Stage stage;
  Event event(stage.world.deadlines());
  std::vector<Wake> ends;
  auto waiter = [&]() -> awaitable<void> {
    ends.push_back(co_await event.wait(never));
    ends.push_back(co_await event.wait(never));
  };
  start(stage.io, waiter);
  auto stop = [&]() -> awaitable<void> {
    co_await pause(stage.world, 1s);
    stage.world.stop();
  };
  play(stage.world, stop);
  CHECK(ends == std::vector<Wake>{Wake::stopped, Wake::stopped});
}

TEST_CASE("who comes first to a semaphore is served first") {
  Stage stage;
  Semaphore places(stage.world.deadlines(), 1);
  std::vector<int> order;
  int number = 0;
  auto worker = [&]() -> awaitable<void> {
    const int mine = number++;
    const Wake how = co_await places.acquire(never);
    REQUIRE(how == Wake::signalled);
    order.push_back(mine);
    co_await pause(stage.world, std::chrono::milliseconds(10 * (mine % 3 + 1)));
    places.release();
  };
  for (int i = 0; i < 9; ++i) start(stage.io, worker);
  stage.world.run();
  CHECK(order == std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8});
  CHECK(places.free() == 1);
}

TEST_CASE("whose deadline passes in the queue loses no place of the others") {
  Stage stage;
  Semaphore places(stage.world.deadlines(), 1);
  REQUIRE(places.try_acquire());
  Wake impatient = Wake::signalled;
  Wake patient = Wake::deadline;
  auto first = [&]() -> awaitable<void> { impatient = co_await places.acquire(stage.in(1s)); };
  auto second = [&]() -> awaitable<void> { patient = co_await places.acquire(never); };
  start(stage.io, first);
  start(stage.io, second);
  auto holder = [&]() -> awaitable<void> {
    co_await pause(stage.world, 2s);
    places.release();
  };
  play(stage.world, holder);
  CHECK(impatient == Wake::deadline);
  CHECK(patient == Wake::signalled);
  CHECK(places.free() == 0);
}

TEST_CASE("a release in the instant of a queued deadline goes to the next in line") {
  Stage stage;
  Semaphore places(stage.world.deadlines(), 1);
  REQUIRE(places.try_acquire());
  int served = 0;
  auto holder = [&]() -> awaitable<void> {
    co_await pause(stage.world, 1s);
    places.release();
  };
  start(stage.io, holder);
  auto queued = [&]() -> awaitable<void> {
    const Wake how = co_await places.acquire(stage.in(1s));
    if (how == Wake::signalled) ++served;
  };
  start(stage.io, queued);
  auto patient = [&]() -> awaitable<void> {
    const Wake how = co_await places.acquire(never);
    if (how != Wake::signalled) co_return;
    ++served;
    places.release();
  };
  play(stage.world, patient);
  CHECK(served >= 1);
  CHECK(places.free() == (served == 2 ? 0U : 1U));  // only `patient` gives it back
}

TEST_CASE("no place is lost or made over random schedules") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Stage stage(seed);
    std::mt19937_64 random(seed);
    const auto most = static_cast<std::uint32_t>(random() % 4 + 1);
    Semaphore places(stage.world.deadlines(), most);
    std::uint32_t held = 0;
    std::uint32_t ended = 0;
    constexpr std::uint32_t workers = 40;
    auto worker = [&]() -> awaitable<void> {
      for (int turn = 0; turn < 5; ++turn) {
        co_await pause(stage.world, std::chrono::milliseconds(random() % 5));
        const Wake how = co_await places.acquire(stage.in(std::chrono::milliseconds(random() % 8)));
        if (how != Wake::signalled) continue;
        Place place(places);
        REQUIRE(++held <= most);
        co_await pause(stage.world, std::chrono::milliseconds(random() % 6));
        --held;
      }
      ++ended;
    };
    for (std::uint32_t i = 0; i < workers; ++i) start(stage.io, worker);
    auto stop = [&]() -> awaitable<void> {
      co_await pause(stage.world, std::chrono::milliseconds(random() % 60));
      if (seed % 2 == 0) stage.world.stop();
    };
    play(stage.world, stop);
    REQUIRE(ended == workers);
    REQUIRE(places.free() == most);
    REQUIRE(stage.world.deadlines().size() == 0);
  }
}

TEST_CASE("a place that moves is given back once") {
  Stage stage;
  Semaphore places(stage.world.deadlines(), 2);
  {
    REQUIRE(places.try_acquire());
    Place one(places);
    Place other(std::move(one));
    REQUIRE(places.try_acquire());
    Place third(places);
    third = std::move(other);
    CHECK(places.free() == 1);
    third.release();
    CHECK(places.free() == 2);
  }
  CHECK(places.free() == 2);
}

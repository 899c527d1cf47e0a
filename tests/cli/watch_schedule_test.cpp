#include "cli/watch_schedule.hpp"

#include <catch2/catch.hpp>

#include <random>
#include <set>

namespace audit::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const Instant start{std::chrono::hours(77)};

TEST_CASE("a round begins at its own time, whatever the rounds before it took") {
  std::mt19937_64 random(1);
  for (int watch = 0; watch < 200; ++watch) {
    const Duration every = milliseconds(100 + random() % 60'000);
    const Duration jitter = Duration(static_cast<std::int64_t>(random()) & 0x7fffffff) % every;
    const WatchSchedule schedule(start, every, jitter, random());
    Instant now = start;
    std::uint64_t number = 0;
    for (int round = 0; round < 500; ++round) {
      const Instant due = start + every * static_cast<std::int64_t>(number);
      const Instant begins = schedule.begin_of(number);
      REQUIRE(begins >= now);
      REQUIRE(begins >= due);
      REQUIRE(begins <= due + jitter);
      now = begins + Duration(static_cast<std::int64_t>(random() % static_cast<std::uint64_t>((every * 3).count())));
      const std::uint64_t next = schedule.next(number, now);
      REQUIRE(next > number);
      for (std::uint64_t skipped = number + 1; skipped < next; ++skipped) REQUIRE(schedule.begin_of(skipped) < now);
      number = next;
    }
  }
}

TEST_CASE("a round that is done in time skips none") {
  const WatchSchedule schedule(start, seconds(30), seconds(3), 7);
  for (std::uint64_t number = 0; number < 1000; ++number)
    CHECK(schedule.next(number, schedule.begin_of(number) + seconds(26)) == number + 1);
}

TEST_CASE("after a day's pause the next round is found at once, and the pause is skipped") {
  const WatchSchedule schedule(start, seconds(1), Duration::zero(), 7);
  CHECK(schedule.next(5, start + std::chrono::hours(24) + milliseconds(1)) == 86'401);
}

TEST_CASE("the first round begins at once, and jitter differs by round and seed") {
  const WatchSchedule one(start, seconds(30), seconds(3), 1);
  const WatchSchedule other(start, seconds(30), seconds(3), 2);
  CHECK(one.begin_of(0) == start);
  std::set<Duration> late;
  int same = 0;
  for (std::uint64_t number = 1; number <= 100; ++number) {
    late.insert(one.begin_of(number) - start - seconds(30) * static_cast<std::int64_t>(number));
    same += one.begin_of(number) == other.begin_of(number) ? 1 : 0;
  }
  CHECK(late.size() > 90);
  CHECK(*late.rbegin() - *late.begin() > seconds(2));
  CHECK(same < 5);
}

TEST_CASE("without jitter rounds begin on the dot, for a year") {
  const WatchSchedule schedule(start, seconds(30), Duration::zero(), 3);
  const std::uint64_t year = 365 * 24 * 120;
  CHECK(schedule.begin_of(year) == start + std::chrono::hours(365 * 24));
}

}  // namespace
}  // namespace audit::cli

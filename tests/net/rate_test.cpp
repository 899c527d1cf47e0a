#include "net/rate.hpp"

#include <catch2/catch.hpp>

#include <random>
#include <vector>

#include "base/time.hpp"

using namespace audit;
using namespace audit::net;
using namespace std::chrono_literals;

TEST_CASE("no window of time sees more probes than the rate and its burst, whoever leases") {
  std::mt19937_64 random(5);
  for (const double per_second : {1.0, 7.0, 100.0, 5'000.0, 200'000.0}) {
    for (const std::size_t sharers : {1U, 3U}) {
      Rate rate(per_second);
      std::vector<RateLease> leases(sharers, RateLease(rate));
      Instant now(std::chrono::hours(1));
      std::vector<Instant> used;
      for (int step = 0; step < 4'000; ++step) {
        RateLease& lease = leases[random() % sharers];
        const Instant slot = lease.when(now);
        if (slot > now) {
          now = random() % 4 == 0 ? slot
                                  : std::min(slot, now + Duration(static_cast<std::int64_t>(random() % 2'000'000)));
          continue;
        }
        lease.use();
        used.push_back(now);
        if (random() % 50 == 0) now += std::chrono::milliseconds(random() % 30);
      }
      REQUIRE(used.size() > 300);
      // A batch is sent at its first slot's time, and each lease may hold one from before.
      const double burst = per_second * 0.010 + (static_cast<double>(sharers) + 1) * rate.batch() + 1;
      for (std::size_t from = 0; from < used.size(); from += 7)
        for (std::size_t to = from; to < used.size(); to += 13)
          REQUIRE(static_cast<double>(to - from + 1) <= per_second * seconds(used[to] - used[from]) + burst);
    }
  }
}

TEST_CASE("a rate is reached, not only kept") {
  Rate rate(5'000);
  RateLease lease(rate);
  Instant now(std::chrono::hours(1));
  const Instant ends = now + 2s;
  int sent = 0;
  while (now < ends) {
    const Instant slot = lease.when(now);
    if (slot > now) {
      now = slot;
      continue;
    }
    lease.use();
    ++sent;
  }
  CHECK(sent >= 10'000);
  CHECK(sent <= 10'000 + 100);
}

TEST_CASE("silence saves up no more than the burst") {
  Rate rate(1'000);
  RateLease lease(rate);
  Instant now(std::chrono::hours(1));
  now += std::chrono::hours(5);
  int at_once = 0;
  while (lease.when(now) <= now) {
    lease.use();
    ++at_once;
  }
  CHECK(at_once <= 10 + static_cast<int>(rate.batch()) + 1);
}

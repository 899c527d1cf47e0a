#include "net/prefix_limit.hpp"

#include <catch2/catch.hpp>

#include <optional>
#include <vector>

#include "playing.hpp"

using namespace audit;
using namespace audit::net;
using namespace audit::test;

TEST_CASE("a /24 and a /48 have so many places, and other prefixes theirs") {
  PrefixLimit limit(2);
  const std::shared_ptr<void> one = hold(limit, ip("10.0.0.1"));
  std::shared_ptr<void> other = hold(limit, ip("10.0.0.254"));
  REQUIRE((one && other));
  CHECK_FALSE(hold(limit, ip("10.0.0.7")));
  CHECK(hold(limit, ip("10.0.1.7")));
  other.reset();
  CHECK(hold(limit, ip("10.0.0.7")));
  const std::shared_ptr<void> six = hold(limit, ip("2001:db8:1::1"));
  const std::shared_ptr<void> seven = hold(limit, ip("2001:db8:1:ffff::1"));
  CHECK_FALSE(hold(limit, ip("2001:db8:1:2::1")));
  CHECK(hold(limit, ip("2001:db8:2::1")));
}

TEST_CASE("lanes and conversations share the places, and one is kept for lanes") {
  PrefixLimit limit(4, PrefixLimit::Bounds::everything);
  PrefixLimit::Count& count = limit.count_of(ip("10.0.0.1"));
  std::vector<std::shared_ptr<void>> held;
  while (std::shared_ptr<void> place = hold(limit, count)) held.push_back(std::move(place));
  CHECK(held.size() == 3);
  CHECK(limit.try_take_lane(count));
  CHECK_FALSE(limit.try_take_lane(count));
  held.clear();
  for (int i = 0; i < 3; ++i) CHECK(limit.try_take_lane(count));
  CHECK_FALSE(limit.try_take_lane(count));
  CHECK_FALSE(hold(limit, count));
  PrefixLimit::give_back_lane(count);
  CHECK(hold(limit, count));
}

TEST_CASE("while a conversation waits lanes leave it what comes free, but for the first") {
  PrefixLimit limit(3, PrefixLimit::Bounds::everything);
  PrefixLimit::Count& count = limit.count_of(ip("10.0.0.1"));
  for (int i = 0; i < 3; ++i) REQUIRE(limit.try_take_lane(count));
  std::optional<PrefixLimit::Waiting> waiting(count);
  PrefixLimit::give_back_lane(count);
  CHECK_FALSE(limit.try_take_lane(count));
  PrefixLimit::give_back_lane(count);
  PrefixLimit::give_back_lane(count);
  CHECK(limit.try_take_lane(count));
  CHECK_FALSE(limit.try_take_lane(count));
  waiting.reset();
  CHECK(limit.try_take_lane(count));
}

TEST_CASE("one place is for whoever comes first") {
  PrefixLimit limit(1, PrefixLimit::Bounds::everything);
  PrefixLimit::Count& count = limit.count_of(ip("10.0.0.1"));
  std::shared_ptr<void> held = hold(limit, count);
  REQUIRE(held);
  CHECK_FALSE(limit.try_take_lane(count));
  held.reset();
  CHECK(limit.try_take_lane(count));
  CHECK_FALSE(hold(limit, count));
}

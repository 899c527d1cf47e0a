#include "base/ordinal_set.hpp"

#include <catch2/catch.hpp>

#include <random>
#include <set>

namespace audit {

TEST_CASE("a set of ordinals has what was put into it, and nothing else") {
  std::mt19937_64 random(5);
  OrdinalSet ordinals;
  std::set<std::uint64_t> known;
  for (int round = 0; round < 20'000; ++round) {
    const std::uint64_t ordinal = round % 3 == 0 ? random() : random() % 10'000;
    CHECK(ordinals.insert(ordinal) == known.insert(ordinal).second);
    const std::uint64_t other = random() % 12'000;
    CHECK(ordinals.contains(other) == known.contains(other));
  }
  CHECK(ordinals.size() == known.size());
}

}  // namespace audit

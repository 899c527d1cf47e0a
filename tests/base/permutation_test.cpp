#include "base/permutation.hpp"

#include <catch2/catch.hpp>

#include <vector>

using namespace audit;

TEST_CASE("a permutation visits every index exactly once, whatever its size and seed") {
  for (const std::uint64_t size : {1U, 2U, 3U, 7U, 255U, 256U, 257U, 1000U, 65'537U}) {
    for (const std::uint64_t seed : {0U, 1U, 42U}) {
      const Permutation order(size, seed);
      std::vector<bool> seen(size);
      for (std::uint64_t i = 0; i < size; ++i) {
        const std::uint64_t landed = order(i);
        REQUIRE(landed < size);
        REQUIRE_FALSE(seen[landed]);
        seen[landed] = true;
      }
    }
  }
}

TEST_CASE("a prefix of the permutation of a /8 spreads over its /16s") {
  const Permutation order(1U << 24U, 7);
  std::vector<int> hits(256);
  for (std::uint64_t i = 0; i < 25'600; ++i) ++hits[order(i) >> 16U];
  for (const int count : hits) CHECK((count > 40 && count < 180));
}

#include "proto/icmp_error.hpp"

#include <catch2/catch.hpp>

using namespace audit;
using namespace audit::proto;

namespace {

using Codes = std::initializer_list<std::uint8_t>;

}  // namespace

TEST_CASE("only a port unreachable speaks of the port") {
  for (int type = 0; type < 256; ++type)
    for (int code = 0; code < 256; ++code) {
      INFO(type << " " << code);
      const auto t = static_cast<std::uint8_t>(type);
      const auto c = static_cast<std::uint8_t>(code);
      CHECK((meaning_of_icmp(Family::v4, t, c) == IcmpMeaning::port) == (type == 3 && code == 3));
      CHECK((meaning_of_icmp(Family::v6, t, c) == IcmpMeaning::port) == (type == 1 && code == 4));
      CHECK_FALSE(describe_icmp(Family::v4, t, c).empty());
      CHECK_FALSE(describe_icmp(Family::v6, t, c).empty());
    }
}

TEST_CASE("an unreachable host, a prohibition and a packet that is too big are told apart") {
  for (const std::uint8_t code : Codes{0, 1, 5, 6, 7, 11, 12})
    CHECK(meaning_of_icmp(Family::v4, 3, code) == IcmpMeaning::host);
  for (const std::uint8_t code : Codes{2, 9, 10, 13})
    CHECK(meaning_of_icmp(Family::v4, 3, code) == IcmpMeaning::prohibited);
  CHECK(meaning_of_icmp(Family::v4, 3, 4) == IcmpMeaning::too_big);
  CHECK(meaning_of_icmp(Family::v4, 3, 99) == IcmpMeaning::other);
  CHECK(meaning_of_icmp(Family::v6, 1, 3) == IcmpMeaning::host);
  for (const std::uint8_t code : Codes{1, 5, 6}) CHECK(meaning_of_icmp(Family::v6, 1, code) == IcmpMeaning::prohibited);
  CHECK(meaning_of_icmp(Family::v6, 2, 0) == IcmpMeaning::too_big);
  CHECK(describe_icmp(Family::v4, 3, 13) == "communication administratively prohibited");
  CHECK(describe_icmp(Family::v4, 42, 1) == "type 42 code 1");
}

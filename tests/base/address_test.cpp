#include "base/address.hpp"

#include <catch2/catch.hpp>

#include "base/block.hpp"

using namespace audit;

TEST_CASE("an address is read and written back in its canonical form") {
  CHECK(format_address(*parse_address("10.0.0.1")) == "10.0.0.1");
  CHECK(format_address(*parse_address("2001:DB8:0:0::1")) == "2001:db8::1");
  CHECK(format_address(*parse_address("fe80::1%3")) == "fe80::1%3");
  for (const char* bad : {"", "10.0.0", "10.0.0.256", "010.0.0.1", "1.2.3.4.5", "::g", "fe80::1%", "fe80::1%x", "host"})
    CHECK_FALSE(parse_address(bad));
}

TEST_CASE("mapped and NAT64 addresses are the IPv4 address that the traffic reaches") {
  CHECK(format_address(canonical(*parse_address("::ffff:127.0.0.1"))) == "127.0.0.1");
  CHECK(format_address(canonical(*parse_address("64:ff9b::10.0.0.1"))) == "10.0.0.1");
  CHECK(format_address(canonical(*parse_address("2001:db8::1%2"))) == "2001:db8::1");
  CHECK(format_address(canonical(*parse_address("fe80::1%2"))) == "fe80::1%2");
}

TEST_CASE("addresses that need to be written are told apart") {
  CHECK(kind_of(*parse_address("0.0.0.0")) == AddressKind::unspecified);
  CHECK(kind_of(*parse_address("127.9.9.9")) == AddressKind::loopback);
  CHECK(kind_of(*parse_address("::1")) == AddressKind::loopback);
  CHECK(kind_of(*parse_address("169.254.1.1")) == AddressKind::link_local);
  CHECK(kind_of(*parse_address("fe80::1")) == AddressKind::link_local);
  CHECK(kind_of(*parse_address("224.0.0.1")) == AddressKind::multicast);
  CHECK(kind_of(*parse_address("ff02::1")) == AddressKind::multicast);
  CHECK(kind_of(*parse_address("255.255.255.255")) == AddressKind::broadcast);
  CHECK(kind_of(*parse_address("10.0.0.1")) == AddressKind::ordinary);
}

TEST_CASE("a reverse name is written nibble by nibble") {
  CHECK(reverse_name(*parse_address("10.1.2.3")) == "3.2.1.10.in-addr.arpa.");
  CHECK(reverse_name(*parse_address("2001:db8::1")) ==
        "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.");
}

TEST_CASE("a prefix covers what its length says") {
  const auto block = parse_prefix("10.0.0.0/8");
  REQUIRE(block);
  CHECK(block->size() == 1U << 24U);
  CHECK(format_address(block->at(256)) == "10.0.1.0");
  CHECK(block->contains(*parse_address("10.255.255.255")));
  CHECK_FALSE(block->contains(*parse_address("11.0.0.0")));
  CHECK(parse_prefix("::/0")->size() == ~std::uint64_t{0});
  CHECK(parse_prefix("0.0.0.0/0")->size() == std::uint64_t{1} << 32U);
  CHECK(format_block(*parse_prefix("2001:db8::/126")) == "2001:db8::/126");
  CHECK(format_block({*parse_address("10.0.0.1"), *parse_address("10.0.0.9")}) == "10.0.0.1-10.0.0.9");
  for (const char* bad : {"10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0", "::/129", "10.0.0.0/-1"})
    CHECK_FALSE(parse_prefix(bad));
}

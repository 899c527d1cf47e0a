#include "base/ports.hpp"

#include <catch2/catch.hpp>

#include <random>
#include <set>

using namespace audit;

TEST_CASE("ports are read as people write them") {
  CHECK(parse_ports("22")->format() == "22");
  CHECK(parse_ports("443, 22-25,24-30")->format() == "22-30,443");
  CHECK(parse_ports("1-65535")->size() == 65'535);
  for (const char* bad : {"", "0", "65536", "5-1", "a", "1,", ",1", "1-", "-1", "22 23"}) CHECK_FALSE(parse_ports(bad));
}

TEST_CASE("a transport may be written before its ports") {
  CHECK(parse_transport_ports("udp/161")->format() == "udp/161");
  CHECK(parse_transport_ports("tcp/9100-9107")->format() == "tcp/9100-9107");
  CHECK(parse_transport_ports("23")->format() == "tcp/23");
  CHECK_FALSE(parse_transport_ports("sctp/23"));
}

TEST_CASE("a port set behaves as a set of numbers") {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    PortSet ports;
    std::set<int> model;
    for (int step = 0; step < 20; ++step) {
      auto a = static_cast<std::uint16_t>(random() % 60 + 1);
      auto b = static_cast<std::uint16_t>(random() % 60 + 1);
      if (a > b) std::swap(a, b);
      PortSet range;
      range.add(a, b);
      if (random() % 3 != 0) {
        ports.add(range);
        for (int p = a; p <= b; ++p) model.insert(p);
      } else {
        ports.remove(range);
        for (int p = a; p <= b; ++p) model.erase(p);
      }
      REQUIRE(ports.size() == model.size());
      for (int p = 1; p <= 62; ++p) REQUIRE(ports.contains(static_cast<std::uint16_t>(p)) == (model.count(p) == 1));
    }
    if (!ports.empty()) CHECK(*parse_ports(ports.format()) == ports);
  }
}

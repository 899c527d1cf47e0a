#include "proto/hosts_file.hpp"

#include <catch2/catch.hpp>

using namespace audit;
using namespace audit::proto;
using Names = std::vector<std::string>;

namespace {

const HostsFile hosts(
    "127.0.0.1\tlocalhost\n"
    "::1 localhost ip6-localhost # loopback\r\n"
    "# 192.0.2.9 commented.example\n"
    "192.0.2.7   Switch.example switch\n"
    "192.0.2.7 alias\n"
    "192.0.2.8 switch\n"
    "not-an-address name\n"
    "fe80::1%2 linked\n");

std::string found(std::string_view name) {
  std::string list;
  for (const IpAddress& address : hosts.lookup(name)) list += format_address(address) + " ";
  return list;
}

}  // namespace

TEST_CASE("names of a hosts file are found without case, with all their addresses") {
  CHECK(found("localhost") == "127.0.0.1 ::1 ");
  CHECK(found("LOCALHOST.") == "127.0.0.1 ::1 ");
  CHECK(found("switch.example") == "192.0.2.7 ");
  CHECK(found("switch") == "192.0.2.7 192.0.2.8 ");
  CHECK(found("linked") == "fe80::1%2 ");
  CHECK(found("commented.example") == "");
  CHECK(found("name") == "");
  CHECK(found("") == "");
  CHECK(found(".") == "");
}

TEST_CASE("an address has its names in the order of the file") {
  CHECK(hosts.names_of(*parse_address("192.0.2.7")) == Names{"Switch.example", "switch", "alias"});
  CHECK(hosts.names_of(*parse_address("192.0.2.99")).empty());
}

TEST_CASE("an empty hosts file knows nobody") {
  CHECK(HostsFile().lookup("localhost").empty());
  CHECK(HostsFile("").names_of(*parse_address("127.0.0.1")).empty());
}

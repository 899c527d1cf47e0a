#include "proto/resolv_conf.hpp"

#include <catch2/catch.hpp>

using namespace audit::proto;
using Names = std::vector<std::string>;

TEST_CASE("resolv.conf is read as the C library reads it") {
  const ResolvConf conf = parse_resolv_conf(
      "# comment\n; another\nnameserver 192.0.2.1\r\nnameserver\t2001:db8::1 # primary\n"
      "nameserver fe80::1%eth0\nsearch a.example b.example\noptions ndots:2 timeout:3 attempts:4 rotate edns0\n");
  CHECK(conf.nameservers == Names{"192.0.2.1", "2001:db8::1", "fe80::1%eth0"});
  CHECK(conf.search == Names{"a.example", "b.example"});
  CHECK(conf.ndots == 2);
  CHECK(conf.timeout_s == 3);
  CHECK(conf.attempts == 4);
  CHECK(conf.rotate);
}

TEST_CASE("an empty file has the defaults") {
  const ResolvConf conf = parse_resolv_conf("");
  CHECK(conf.nameservers.empty());
  CHECK(conf.search.empty());
  CHECK(conf.ndots == 1);
  CHECK(conf.timeout_s == 5);
  CHECK(conf.attempts == 2);
  CHECK_FALSE(conf.rotate);
}

TEST_CASE("the last of domain and search counts") {
  CHECK(parse_resolv_conf("search a b\ndomain c d\n").search == Names{"c"});
  CHECK(parse_resolv_conf("domain c\nsearch a b").search == Names{"a", "b"});
}

TEST_CASE("numbers are kept within the C library's bounds") {
  const ResolvConf conf = parse_resolv_conf("options ndots:99 timeout:99999999999 attempts:0\n");
  CHECK(conf.ndots == 15);
  CHECK(conf.timeout_s == 30);
  CHECK(conf.attempts == 1);
  CHECK(parse_resolv_conf("options ndots:-1 timeout:x attempts:").ndots == 1);
}

TEST_CASE("what is not understood is passed over") {
  CHECK(parse_resolv_conf(
            "nameserver\nnameserver dns.example\nnameserver 1.2.3\nnameserver 192.0.2.1%eth0\nNameserver 192.0.2.9\n")
            .nameservers.empty());
  CHECK(parse_resolv_conf("nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.3\nnameserver 192.0.2.4\n")
            .nameservers.size() == 3);
  std::string many = "search";
  for (int i = 0; i < 1000; ++i) many += " x";
  CHECK(parse_resolv_conf(many).search.size() == 32);
}

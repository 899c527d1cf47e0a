#include "net/permit.hpp"

#include <catch2/catch.hpp>

#include "playing.hpp"

using namespace audit;
using namespace audit::net;
using namespace audit::test;

namespace {

AddressBlock block(const std::string& text) {
  if (const auto prefix = parse_prefix(text)) return *prefix;
  return {ip(text), ip(text)};
}

Reason refusal(const Result<void>& result) { return result ? Reason::observed : result.error().reason; }

}  // namespace

TEST_CASE("only the addresses of a permit may be sent to, whatever way they are written") {
  const Permit permit = allow("10.0.0.1");
  for (const char* same : {"10.0.0.1", "::ffff:10.0.0.1", "64:ff9b::10.0.0.1"}) CHECK(permit.test(tcp(same, 22)));
  for (const char* other : {"10.0.0.2", "::ffff:10.0.0.2", "::10.0.0.1", "64:ff9b::10.0.0.2", "2001:db8::1", "0.0.0.0"})
    CHECK(refusal(permit.test(tcp(other, 22))) == Reason::out_of_scope);
  CHECK(refusal(Permit().test(tcp("10.0.0.1", 22))) == Reason::out_of_scope);
}

TEST_CASE("a mapped host is the host it maps, and is one host") {
  const Permit permit({ip("::ffff:10.0.0.1"), ip("10.0.0.1"), ip("64:ff9b::10.0.0.1")}, TransportPorts());
  CHECK(permit.test(tcp("10.0.0.1", 22)));
  CHECK(permit.hosts() == std::vector<IpAddress>{ip("10.0.0.1")});
}

TEST_CASE("a link-local address is another one in another zone") {
  const Permit permit = allow("fe80::1%2");
  CHECK(permit.test(tcp("fe80::1%2", 22)));
  CHECK_FALSE(permit.test(tcp("fe80::1%3", 22)));
  CHECK_FALSE(permit.test(tcp("fe80::1", 22)));
}

TEST_CASE("a port of `never` is not touched, on its transport only") {
  const std::vector<IpAddress> hosts(1, ip("10.0.0.1"));
  const Permit permit(hosts, parse_transport_ports("tcp/9100-9107").value());
  CHECK(permit.test(tcp("10.0.0.1", 9'099)));
  CHECK(permit.test(udp("10.0.0.1", 9'100)));
  for (const char* spelled : {"10.0.0.1", "::ffff:10.0.0.1"}) {
    const Result<void> forbidden = permit.test(tcp(spelled, 9'103));
    REQUIRE(refusal(forbidden) == Reason::out_of_scope);
    CHECK(forbidden.error().message.find("never") != std::string::npos);
  }
}

TEST_CASE("a resolver is permitted at its port, over UDP and TCP") {
  const Permit permit = Permit::for_endpoints({udp("192.0.2.53", 53)});
  CHECK(permit.test(udp("192.0.2.53", 53)));
  CHECK(permit.test(tcp("192.0.2.53", 53)));
  CHECK(permit.test(udp("::ffff:192.0.2.53", 53)));
  CHECK_FALSE(permit.test(udp("192.0.2.53", 54)));
  CHECK_FALSE(permit.test(udp("192.0.2.54", 53)));
}

TEST_CASE("a name may lead to special addresses only where the inventory writes them") {
  ScopeRules rules;
  for (const char* special : {"127.0.0.1", "::1", "0.0.0.0", "::", "169.254.1.1", "fe80::1%2", "224.0.0.1", "ff02::1%2",
                              "255.255.255.255", "::ffff:127.0.0.1", "64:ff9b::127.0.0.1"}) {
    INFO(special);
    CHECK(refusal(rules.admit_resolved(ip(special), "host.example")) == Reason::out_of_scope);
  }
  CHECK(rules.admit_resolved(ip("10.0.0.1"), "host.example"));
  CHECK(rules.admit_resolved(ip("2001:db8::1"), "host.example"));
  rules.written = {block("127.0.0.0/8"), block("fe80::1%2")};
  CHECK(rules.admit_resolved(ip("127.0.0.1"), "host.example"));
  CHECK(rules.admit_resolved(ip("::ffff:127.0.0.1"), "host.example"));
  CHECK(rules.admit_resolved(ip("fe80::1%2"), "host.example"));
  CHECK_FALSE(rules.admit_resolved(ip("fe80::1%3"), "host.example"));
  CHECK_FALSE(rules.admit_resolved(ip("::1"), "host.example"));
}

TEST_CASE("an include bounds what names lead to, but not what is written") {
  ScopeRules rules;
  rules.include = {block("10.0.0.0/8")};
  rules.written = {block("192.0.2.1")};
  CHECK(rules.admit_resolved(ip("10.1.2.3"), "host.example"));
  CHECK(rules.admit_resolved(ip("::ffff:10.1.2.3"), "host.example"));
  CHECK(rules.admit_resolved(ip("192.0.2.1"), "host.example"));
  const Result<void> refused = rules.admit_resolved(ip("192.0.2.2"), "host.example");
  REQUIRE(refusal(refused) == Reason::out_of_scope);
  CHECK(refused.error().message.find("host.example") != std::string::npos);
  CHECK(refused.error().message.find("192.0.2.2") != std::string::npos);
}

TEST_CASE("an exclude wins over everything that allows") {
  ScopeRules rules;
  rules.written = {block("10.0.0.0/8")};
  rules.include = {block("10.0.0.0/8")};
  rules.exclude = {block("10.9.0.0/16")};
  CHECK(rules.admit_resolved(ip("10.8.0.1"), "host.example"));
  for (const char* out : {"10.9.0.1", "::ffff:10.9.0.1", "64:ff9b::10.9.0.1"}) {
    CHECK(rules.excluded(ip(out)));
    CHECK(refusal(rules.admit_resolved(ip(out), "host.example")) == Reason::out_of_scope);
  }
}

TEST_CASE("regression: an exclude of link-local addresses takes them out in every zone") {
  for (const char* wide : {"fe80::/10", "::/0"}) {
    ScopeRules rules;
    rules.written = {block("fe80::1%2")};
    rules.exclude = {block(wide)};
    CHECK(rules.excluded(ip("fe80::1%2")));
    CHECK_FALSE(rules.admit_resolved(ip("fe80::1%2"), "host.example"));
  }
  ScopeRules rules;
  rules.exclude = {block("fe80::1%3")};
  CHECK(rules.excluded(ip("fe80::1%3")));
  CHECK_FALSE(rules.excluded(ip("fe80::1%2")));
}

TEST_CASE("regression: an exclude written in NAT64 form takes such addresses out") {
  ScopeRules rules;
  rules.exclude = {block("64:ff9b::/96")};
  CHECK(rules.excluded(ip("64:ff9b::10.0.0.1")));
  CHECK_FALSE(rules.excluded(ip("10.0.0.1")));
}

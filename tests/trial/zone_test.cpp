#include "trial/zone.hpp"

#include "proto/dns.hpp"
#include "trying.hpp"

namespace audit::trial {
namespace {

Value records(const char* type, const char* data) {
  Value::Object object;
  object[type] = data;
  return object;
}

Result<proto::DnsMessage> ask(const Zone& zone, const std::string& name, const char* type) {
  proto::DnsQuestion question;
  question.name = name;
  question.type = *proto::dns_type(type);
  const auto query = proto::encode_dns_query(question, 7, true, 1'232, false);
  REQUIRE(query);
  const auto reply = answer(zone, *query);
  REQUIRE(reply);
  return proto::decode_dns_response(*reply, question, 7);
}

Zone zone_of(const std::string& name, Value given) {
  Value::Object table;
  table[name] = std::move(given);
  Zone zone;
  std::vector<std::string> mistakes;
  read_zone("t:1", table, zone, mistakes);
  REQUIRE(mistakes.empty());
  return zone;
}

TEST_CASE("the name server's replies are DNS, whatever the type") {
  const char* all[][2] = {{"A", "10.0.0.9"},     {"AAAA", "2001:db8::9"}, {"CNAME", "b.example."},
                          {"NS", "ns.example."}, {"PTR", "c.example."},   {"MX", "10 mx.example."},
                          {"TXT", "v=spf1 -all"}};
  for (const auto& [type, data] : all) {
    const auto message = ask(zone_of("A.example", records(type, data)), "a.EXAMPLE", type);
    INFO(type);
    REQUIRE(message);
    CHECK(message->rcode == "NOERROR");
    REQUIRE(message->answers.size() == 1);
    CHECK(message->answers.front().data.find(data) != std::string::npos);
  }
}

TEST_CASE("a name that is not known is not there, and one without such records has none") {
  const Zone zone = zone_of("a.example", records("A", "10.0.0.9"));
  CHECK(ask(zone, "b.example", "A")->rcode == "NXDOMAIN");
  const auto message = ask(zone, "a.example", "AAAA");
  CHECK(message->rcode == "NOERROR");
  CHECK(message->answers.empty());
}

TEST_CASE("a name server fails or keeps silent where it is told to") {
  CHECK(ask(zone_of("a.example", "SERVFAIL"), "a.example", "A")->rcode == "SERVFAIL");
  CHECK(ask(zone_of("*", "REFUSED"), "b.example", "A")->rcode == "REFUSED");
  const auto query = proto::encode_dns_query({"a.example", 1}, 7, true, 0, false);
  CHECK_FALSE(answer(zone_of("a.example", "silence"), *query));
}

TEST_CASE("an address stands for its reverse name") {
  const auto message = ask(zone_of("10.0.0.1", records("PTR", "host.example")), "1.0.0.10.in-addr.arpa", "PTR");
  REQUIRE(message->answers.size() == 1);
  CHECK(message->answers.front().data == "host.example.");
}

TEST_CASE("a query that is none has no reply, at any length") {
  const std::string query = *proto::encode_dns_query({"a.example", 1}, 7, true, 0, false);
  for (std::size_t size = 0; size < query.size(); ++size) CHECK_FALSE(answer(Zone(), query.substr(0, size)));
  CHECK_FALSE(answer(Zone(), std::string(64, '\xff')));
}

TEST_CASE("a record that cannot be is said") {
  for (const auto& [type, data] : {std::pair("A", "2001:db8::1"), std::pair("MX", "mx.example"), std::pair("B", "x")}) {
    Value::Object table;
    table["a.example"] = records(type, data);
    Zone zone;
    std::vector<std::string> mistakes;
    read_zone("t:1", table, zone, mistakes);
    CHECK_FALSE(mistakes.empty());
  }
}

}  // namespace
}  // namespace audit::trial

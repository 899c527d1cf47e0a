#include "proto/dns.hpp"

#include <catch2/catch.hpp>

#include "base/text.hpp"
#include "dns_builder.hpp"

using namespace audit;
using namespace audit::proto;
using namespace audit::test;

namespace {

const std::string asked_name = "\xc0\x0c";
const std::string address = "\x0a\x01\x02\x03";

}  // namespace

TEST_CASE("a query is what RFC 1035 and RFC 6891 say") {
  const auto plain = encode_dns_query({"host.example", 1}, 0x1234, true, 0, false);
  CHECK(to_hex(*plain) ==
        "1234"
        "0100"
        "0001000000000000"
        "04686f7374076578616d706c6500"
        "00010001");
  const auto edns = encode_dns_query({"host.example.", 28}, 1, false, 1232, true);
  CHECK(to_hex(*edns) ==
        "0001"
        "0000"
        "0001000000000001"
        "04686f7374076578616d706c6500"
        "001c0001"
        "00"
        "0029"
        "04d0"
        "0000"
        "8000"
        "0000");
  CHECK(encode_dns_query({"a..b", 1}, 1, true, 0, false).error().reason == Reason::protocol_error);
}

TEST_CASE("type names are read without case and written as IANA has them") {
  CHECK(dns_type("A") == 1);
  CHECK(dns_type("aaaa") == 28);
  CHECK(dns_type("Ptr") == 12);
  CHECK(dns_type("any") == 255);
  CHECK(dns_type("axfr") == 252);
  CHECK(dns_type("TYPE65") == 65);
  CHECK(dns_type("type0") == 0);
  CHECK_FALSE(dns_type("TYPE65536"));
  CHECK_FALSE(dns_type("TYPE-1"));
  CHECK_FALSE(dns_type("TYPE1x"));
  CHECK_FALSE(dns_type(""));
  CHECK_FALSE(dns_type("nonsense"));
  CHECK(dns_type_name(16) == "TXT");
  CHECK(dns_type_name(255) == "ANY");
  CHECK(dns_type_name(731) == "TYPE731");
  for (std::uint32_t type = 0; type < 65536; ++type)
    REQUIRE(dns_type(dns_type_name(static_cast<std::uint16_t>(type))) == type);
}

TEST_CASE("an answer's header, sections and records are read") {
  DnsBuilder builder;
  builder.flags = 0x8180 | 0x0400 | 0x0020 | 0x0010;
  builder.answer(1, address).add(2, wire_name("example."), 2, wire_name("ns.example."), 7200);
  builder.add(3, wire_name("ns.example."), 28, std::string(15, '\0') + "\x01", 0xffffffff);
  const auto message = decode(builder.bytes());
  REQUIRE(message.ok());
  CHECK(message->id == 0x1234);
  CHECK(message->rcode == "NOERROR");
  CHECK(message->flags.aa);
  CHECK_FALSE(message->flags.tc);
  CHECK(message->flags.rd);
  CHECK(message->flags.ra);
  CHECK(message->flags.ad);
  CHECK(message->flags.cd);
  REQUIRE(message->answers.size() == 1);
  CHECK(message->answers[0].name == "host.example.");
  CHECK(message->answers[0].type == "A");
  CHECK(message->answers[0].ttl == 300);
  CHECK(message->answers[0].data == "10.1.2.3");
  CHECK(message->answers[0].address == parse_address("10.1.2.3"));
  REQUIRE(message->authority.size() == 1);
  CHECK(message->authority[0].data == "ns.example.");
  REQUIRE(message->additional.size() == 1);
  CHECK(message->additional[0].address == parse_address("::1"));
  CHECK(message->additional[0].ttl == 0xffffffff);
}

TEST_CASE("the question is compared without case") {
  DnsBuilder builder;
  builder.question = wire_name("HoSt.ExAmPlE.") + big16(1) + big16(1);
  CHECK(decode(builder.bytes()).ok());
}

TEST_CASE("the upper bits of the rcode come from EDNS, and OPT is no record of the answer") {
  DnsBuilder builder;
  builder.add(3, "\0"s, 41, "", 0x01000000, 1232);
  auto message = decode(builder.bytes());
  REQUIRE(message.ok());
  CHECK(message->rcode == "BADVERS");
  CHECK(message->additional.empty());
  DnsBuilder unnamed;
  unnamed.flags = 0x8187;
  unnamed.add(3, "\0"s, 41, "", 0x01000000, 1232);
  CHECK(decode(unnamed.bytes())->rcode == "RCODE23");
  DnsBuilder missing;
  missing.flags = 0x8183;
  CHECK(decode(missing.bytes())->rcode == "NXDOMAIN");
}

TEST_CASE("a bare header may refuse EDNS, and nothing else") {
  DnsBuilder builder;
  builder.question.clear();
  builder.counts[0] = 0;
  builder.flags = 0x8181;
  CHECK(decode(builder.bytes())->rcode == "FORMERR");
  builder.flags = 0x8184;
  CHECK(decode(builder.bytes())->rcode == "NOTIMP");
  for (const int flags : {0x8180, 0x8182, 0x8183, 0x8185}) {
    builder.flags = static_cast<std::uint16_t>(flags);
    CHECK(refusal(builder.bytes()).find("repeats 0 questions") != std::string::npos);
  }
}

TEST_CASE("a truncated answer keeps its whole records, and says that it is truncated") {
  DnsBuilder builder;
  builder.flags = 0x8380;
  builder.answer(1, address).answer(1, address).add(2, asked_name, 1, address);
  const std::string whole = builder.bytes();
  const std::size_t record = 16;
  for (std::size_t cut = 0; cut < 3 * record; ++cut) {
    const auto message = decode(std::string_view(whole).substr(0, whole.size() - cut));
    REQUIRE(message.ok());
    CHECK(message->flags.tc);
    CHECK(message->answers.size() + message->authority.size() == 3 - (cut + record - 1) / record);
  }
}

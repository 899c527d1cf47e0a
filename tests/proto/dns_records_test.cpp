#include <catch2/catch.hpp>

#include "dns_builder.hpp"

using namespace audit;
using namespace audit::test;

TEST_CASE("records are written as zone files write them") {
  const std::string ns = wire_name("ns.example.");
  CHECK(data_of(1, "\x7f\0\0\x01"s) == "127.0.0.1");
  CHECK(data_of(28, "\x20\x01\x0d\xb8" + std::string(11, '\0') + "\x07") == "2001:db8::7");
  CHECK(data_of(2, ns) == "ns.example.");
  CHECK(data_of(5, "\x03www\xc0\x0c") == "www.host.example.");
  CHECK(data_of(12, ns) == "ns.example.");
  CHECK(data_of(15, big16(10) + "\x04mail\xc0\x11") == "10 mail.example.");
  CHECK(data_of(
            6, ns + "\x0ahostmaster\xc0\x11" + "\x77\x35\x94\x00\0\0\x0e\x10\0\0\x03\x84\0\x09\x3a\x80\0\0\x01\x2c"s) ==
        "ns.example. hostmaster.example. 2000000000 3600 900 604800 300");
  CHECK(data_of(33, big16(0) + big16(5) + big16(5060) + ns) == "0 5 5060 ns.example.");
  CHECK(data_of(257, "\0\x05issueletsencrypt.org"s) == "0 issue \"letsencrypt.org\"");
  CHECK(data_of(43, big16(60485) + "\x05\x01\x2b\xb1"s) == "60485 5 1 2bb1");
  CHECK(data_of(48, big16(257) + "\x03\x08" + "key bytes") == "257 3 8 a2V5IGJ5dGVz");
  CHECK(data_of(44, "\x04\x02\xab\xcd") == "4 2 abcd");
  CHECK(data_of(52, "\x03\x01\x01\x0f\x00"s) == "3 1 1 0f00");
  CHECK(data_of(13,
                "\x03"
                "PDP\x04"
                "UNIX") == "\"PDP\" \"UNIX\"");
  CHECK(data_of(35, big16(100) + big16(10) +
                        "\x01u\x07"
                        "E2U+sip\x05!a!b!" +
                        "\0"s) == "100 10 \"u\" \"E2U+sip\" \"!a!b!\" .");
  CHECK(data_of(39, ns) == "ns.example.");
  CHECK(data_of(256, big16(1) + big16(2) + "https://example/") == "1 2 \"https://example/\"");
  CHECK(data_of(108, "\x00\x1b\x21\xaa\xbb\xcc"s) == "00-1b-21-aa-bb-cc");
  CHECK(data_of(29, "\0\x33\x16\x13\x8b\x0d\x2d\x8c\x7f\xf8\xfc\xa4\x00\x98\x96\x80"s) ==
        "51 30 13.004 N 00 07 39.612 W 0m 30m 10000m 10m");
}

TEST_CASE("DNSSEC records are readable") {
  const std::string name = wire_name("example.");
  CHECK(data_of(46, big16(1) + "\x0d\x02" + "\0\0\x0e\x10"s + "\x67\x74\x85\x80" + "\x65\x92\x00\x80"s + big16(4711) +
                        name + "sig") == "A 13 2 3600 20250101000000 20240101000000 4711 example. c2ln");
  CHECK(data_of(47, name + "\0\x06\x40\x01\0\0\0\x03"s) == "example. A MX RRSIG NSEC");
  CHECK(data_of(50, "\x01\x01\0\x0c\x04\xaa\xbb\xcc\xdd\x14"s + std::string(20, '\0') + "\0\x01\x40"s) ==
        "1 1 12 aabbccdd 00000000000000000000000000000000 A");
  CHECK(data_of(51, "\x01\0\0\0\0"s) == "1 0 0 -");
}

TEST_CASE("the time of a signature is the same text whatever day it is read on") {
  const std::string rest = big16(1) + wire_name(".") + "s";
  CHECK(data_of(46, big16(1) + "\x0d\x02" + std::string(4, '\0') + "\xff\xff\xff\xff" + std::string(4, '\0') + rest) ==
        "A 13 2 0 21060207062815 19700101000000 1 . cw==");
}

TEST_CASE("text records keep their strings, and their data is escaped") {
  const std::string rdata =
      "\x03"
      "a\"b\x02"
      "\xff\n" +
      "\0"s +
      "\x04"
      "c \\;";
  const auto message = decode(DnsBuilder().answer(16, rdata).bytes());
  REQUIRE(message.ok());
  CHECK(message->answers[0].data == "\"a\\\"b\" \"\\255\\010\" \"\" \"c \\\\;\"");
  CHECK(message->answers[0].strings == std::vector<std::string>{"a\"b", "\xff\n", "", "c \\;"});
  CHECK(decode(DnsBuilder().answer(99, "\x06v=spf1").bytes())->answers[0].strings.at(0) == "v=spf1");
}

TEST_CASE("what is not known is written as RFC 3597 says") {
  CHECK(data_of(731, "\xab\xcd") == "\\# 2 abcd");
  CHECK(data_of(731, "") == "\\# 0");
  CHECK(data_of(11, "\x0a\0\0\x01\x06\x50"s) == "\\# 6 0a0000010650");                      // WKS
  CHECK(data_of(45, "\x0a\x03\x02"s + wire_name("gw.example.") + "key") != "");             // IPSECKEY
  CHECK(data_of(65, big16(1) + "\0\0\x01\0\x03\x02h2"s) == "\\# 10 00010000010003026832");  // HTTPS
  CHECK(data_of(29, "\x01"s + std::string(15, '\0')).substr(0, 5) == "\\# 16");             // LOC of another version
}

TEST_CASE("RDATA that does not fit its type is refused") {
  CHECK(data_of(1, "\x7f\0\0"s) == "<the DNS answer has a malformed A record>");
  CHECK(data_of(1, "\x7f\0\0\x01\0"s) == "<the DNS answer has a malformed A record>");
  CHECK(data_of(28, std::string(4, '\0')) == "<the DNS answer has a malformed AAAA record>");
  CHECK(data_of(2, "") == "<the DNS answer has a malformed NS record>");
  CHECK(data_of(2, wire_name("a.") + "x") == "<the DNS answer has a malformed NS record>");
  CHECK(data_of(15, big16(1)) == "<the DNS answer has a malformed MX record>");
  CHECK(data_of(16, "") == "<the DNS answer has a malformed TXT record>");
  CHECK(data_of(16,
                "\x05"
                "ab") == "<the DNS answer has a malformed TXT record>");
  CHECK(data_of(13,
                "\x03"
                "PDP") == "<the DNS answer has a malformed HINFO record>");
  CHECK(data_of(257, "\0\x09issue"s) == "<the DNS answer has a malformed CAA record>");
}

TEST_CASE("a name in RDATA may not run out of it") {
  DnsBuilder builder;
  builder.answer(2, "\x02");
  builder.records += wire_name("ns.");  // would complete it, from beyond
  ++builder.counts[1];
  CHECK_FALSE(decode(builder.bytes()).ok());
}

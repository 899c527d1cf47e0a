#include <catch2/catch.hpp>

#include <algorithm>
#include <random>

#include "dns_builder.hpp"

using namespace audit;
using namespace audit::proto;
using namespace audit::test;

namespace {

const std::string address = "\x0a\x01\x02\x03";

bool says(std::string_view bytes, std::string_view text) { return refusal(bytes).find(text) != std::string::npos; }

bool is_printable_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace

TEST_CASE("what does not answer our query is refused") {
  CHECK(says("", "fewer than its header"));
  CHECK(says(std::string(11, '\0'), "fewer than its header"));
  CHECK(says(std::string(65536, '\0'), "at most 65535"));
  DnsBuilder other_id;
  other_id.id = 0x1235;
  CHECK(says(other_id.bytes(), "has id 4661, asked was 4660"));
  DnsBuilder query;
  query.flags = 0x0100;
  CHECK(says(query.bytes(), "is a query"));
  DnsBuilder notify;
  notify.flags = 0xa080;
  CHECK(says(notify.bytes(), "has opcode 4"));
}

TEST_CASE("another question, or none, is refused") {
  DnsBuilder builder;
  builder.question = wire_name("other.example.") + big16(1) + big16(1);
  CHECK(says(builder.bytes(), "another question: other.example. A"));
  builder.question = wire_name("host.example.") + big16(28) + big16(1);
  CHECK(says(builder.bytes(), "another question: host.example. AAAA"));
  builder.question = wire_name("host.example.") + big16(1) + big16(3);
  CHECK(says(builder.bytes(), "another question"));
  builder.counts[0] = 2;
  CHECK(says(builder.bytes(), "repeats 2 questions"));
  builder.counts[0] = 0;
  CHECK(says(builder.bytes(), "repeats 0 questions"));
  builder.counts[0] = 1;
  builder.question = "\xc0\x0c" + big16(1) + big16(1);
  CHECK(says(builder.bytes(), "malformed question"));
}

TEST_CASE("counts and lengths that lie are refused") {
  DnsBuilder builder;
  builder.answer(1, address);
  const std::string honest = builder.bytes();
  for (std::size_t size = 12; size < honest.size(); ++size) CHECK_FALSE(decode(honest.substr(0, size)).ok());
  CHECK(says(honest + "x", "1 bytes after its last record"));
  builder.counts[1] = 65535;
  CHECK(says(builder.bytes(), "ends within record 2"));
  DnsBuilder longer;
  longer.answer(1, address);
  longer.records[10] = '\xff';  // RDLENGTH
  CHECK(says(longer.bytes(), "ends within record 1"));
}

TEST_CASE("loops are refused wherever a name stands") {
  DnsBuilder owner;
  owner.add(1, "\xc0\x1e", 1, address);  // points at itself
  CHECK(says(owner.bytes(), "looping owner name"));
  DnsBuilder data;
  data.answer(5, "\xc0\x2a");
  CHECK(says(data.bytes(), "malformed CNAME record"));
}

TEST_CASE("records of another class, and a second OPT, are refused") {
  DnsBuilder chaos;
  chaos.add(1, "\xc0\x0c", 1, address, 300, 3);
  CHECK(says(chaos.bytes(), "class 3"));
  DnsBuilder twice;
  twice.add(3, "\0"s, 41, "", 0, 1232).add(3, "\0"s, 41, "", 0, 1232);
  CHECK(says(twice.bytes(), "malformed OPT"));
  DnsBuilder named;
  named.add(3, "\xc0\x0c", 41, "", 0, 1232);
  CHECK(says(named.bytes(), "malformed OPT"));
}

TEST_CASE("a mutated answer is refused or read as printable text, and reads the same twice") {
  DnsBuilder builder;
  builder.answer(1, address)
      .answer(16,
              "\x03"
              "abc")
      .answer(6, wire_name("ns.") + "\xc0\x0c" + std::string(20, 'x'));
  builder.answer(46, big16(1) + std::string(16, 'y') + wire_name("example.") + "sig")
      .answer(47, wire_name("b.") + "\0\x02\x40\x01"s);
  builder.add(2, "\xc0\x11", 2, "\x02ns\xc0\x11").add(3, "\0"s, 41, "", 0, 1232);
  const std::string honest = builder.bytes();
  REQUIRE(decode(honest).ok());
  std::mt19937 random(3);
  int accepted = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string bytes = honest;
    for (auto changes = 1 + random() % 4; changes > 0; --changes) {
      const std::size_t at = random() % bytes.size();
      switch (random() % 4) {
        case 0: bytes[at] = static_cast<char>(random()); break;
        case 1: bytes[at] = static_cast<char>(bytes[at] ^ 1 << random() % 8); break;
        case 2: bytes.erase(at, 1 + random() % 4); break;
        default: bytes.insert(at, 1 + random() % 4, static_cast<char>(random()));
      }
    }
    const auto message = decode(bytes);
    if (!message) {
      REQUIRE(message.error().reason == Reason::protocol_error);
      REQUIRE(is_printable_text(message.error().message));
      continue;
    }
    ++accepted;
    for (const auto* section : {&message->answers, &message->authority, &message->additional})
      for (const DnsRecord& record : *section) {
        REQUIRE(is_printable_text(record.name));
        REQUIRE(is_printable_text(record.data));
        REQUIRE(name_to_wire(record.name).ok());
      }
  }
  CHECK(accepted > 1000);
  CHECK(accepted < 19000);
}

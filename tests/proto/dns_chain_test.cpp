#include "proto/dns_chain.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

#include "dns_builder.hpp"

using namespace audit;
using namespace audit::proto;
using namespace audit::test;

namespace {

DnsRecord record(std::string name, std::string type, std::string data) {
  DnsRecord made;
  made.name = std::move(name);
  made.type = std::move(type);
  made.data = std::move(data);
  return made;
}

/// The stray's name, or "".
std::string stray(const std::vector<DnsRecord>& answers) {
  const DnsRecord* found = stray_record(answers, "host.example.");
  return found == nullptr ? "" : found->name;
}

}  // namespace

TEST_CASE("what answers is of the name asked for or of what its aliases make of it, in any order and case") {
  std::vector<DnsRecord> chain{record("host.example.", "CNAME", "B.example."),
                               record("b.example.", "CNAME", "c.example."), record("c.EXAMPLE.", "A", "10.0.0.1"),
                               record("C.example.", "RRSIG", "A 13 …")};
  std::sort(chain.begin(), chain.end(), [](const DnsRecord& a, const DnsRecord& b) { return a.data < b.data; });
  do {
    CHECK(stray(chain) == "");
  } while (std::next_permutation(chain.begin(), chain.end(),
                                 [](const DnsRecord& a, const DnsRecord& b) { return a.data < b.data; }));
  CHECK(stray({}) == "");
  CHECK(stray({record("HOST.example.", "TXT", "x")}) == "");
}

TEST_CASE("a record of another name is a stray, wherever it stands") {
  CHECK(stray({record("other.example.", "A", "10.0.0.2")}) == "other.example.");
  CHECK(stray({record("host.example.", "A", "10.0.0.1"), record("other.example.", "A", "10.0.0.2")}) ==
        "other.example.");
  CHECK(stray({record("host.example.", "CNAME", "b.example."), record("c.example.", "A", "10.0.0.2")}) == "c.example.");
  // An alias of somebody else leads nowhere.
  CHECK(stray({record("a.example.", "CNAME", "b.example."), record("host.example.", "A", "10.0.0.1")}) == "a.example.");
  CHECK(stray({record("example.", "A", "10.0.0.2")}) == "example.");
  CHECK(stray({record("ahost.example.", "A", "10.0.0.2")}) == "ahost.example.");
}

TEST_CASE("aliases that lead in a circle end") {
  CHECK(stray({record("host.example.", "CNAME", "b.example."), record("b.example.", "CNAME", "host.example.")}) == "");
  CHECK(stray({record("host.example.", "CNAME", "host.example.")}) == "");
}

TEST_CASE("a DNAME stands above a name of the chain") {
  CHECK(stray({record("example.", "DNAME", "example.net."), record("host.example.", "CNAME", "host.example.net."),
               record("host.example.net.", "A", "10.0.0.1")}) == "");
  CHECK(stray({record("example.", "DNAME", "example.net."), record("example.", "RRSIG", "DNAME 13 …")}) == "");
  CHECK(stray({record("example.org.", "DNAME", "example.net.")}) == "example.org.");
  CHECK(stray({record("st.example.", "DNAME", "example.net.")}) == "st.example.");
  CHECK(stray({record("host.example.", "A", "10.0.0.1"), record("example.org.", "A", "10.0.0.1"),
               record("example.net.", "DNAME", ".")}) == "example.net.");
}

TEST_CASE("an answer with a stray is refused, but for a truncated one, which loses it") {
  const std::string other = wire_name("other.example.");
  const std::string address = "\x0a\x01\x02\x03";
  CHECK(refusal(DnsBuilder().answer(1, address).add(1, other, 1, address).bytes()) ==
        "the DNS answer has a record of other.example., which was not asked for: A 10.1.2.3");
  CHECK(refusal(DnsBuilder().answer(1, address).add(2, other, 1, address).bytes()) == "");  // authority is of others
  DnsBuilder cut;
  cut.flags = 0x8380;
  const auto message = decode(cut.answer(1, address).add(1, other, 1, address).answer(1, address).bytes());
  REQUIRE(message);
  CHECK(message->answers.size() == 1);
}

TEST_CASE("a truncated answer of whose records each but the first hangs by one that is cut off is read in two looks") {
  const auto name = [](int number) { return wire_name("n" + std::to_string(number) + ".example."); };
  DnsBuilder cut;
  cut.flags = 0x8380;
  for (int i = 1; i < 1'000; ++i) {
    cut.add(1, name(i), 1, "\x0a\x01\x02\x03");
    if (i > 1) cut.answer(5, name(i - 1));
  }
  const auto message = decode(cut.bytes());
  REQUIRE(message);
  CHECK(message->answers.empty());
}

TEST_CASE("names are compared as they are written, whatever bytes are in them") {
  const std::string odd =
      "\x09"
      "a@ .\\\xff\x80\"("s +
      "\x07"
      "example\0"s;
  const std::string address = "\x0a\x01\x02\x03";
  CHECK(refusal(DnsBuilder().answer(5, odd).add(1, odd, 1, address).bytes()) == "");
  std::string other = odd;
  other[4] = ',';
  CHECK(refusal(DnsBuilder().answer(5, odd).add(1, other, 1, address).bytes()).find("which was not asked for") !=
        std::string::npos);
}

TEST_CASE("a whole message of aliases costs no more than any other") {
  std::vector<DnsRecord> chain;
  for (int i = 5'000; i > 0; --i)
    chain.push_back(record(std::to_string(i) + ".", "CNAME", std::to_string(i + 1) + "."));
  chain.push_back(record("host.example.", "CNAME", "1."));
  CHECK(stray(chain) == "");
  chain.push_back(record("5002.", "A", "10.0.0.1"));
  CHECK(stray(chain) == "5002.");
}

#include "base/scrubber.hpp"

#include <catch2/catch.hpp>

using namespace audit;

namespace {

std::string scrubbed(const Scrubber& scrubber, std::string text) {
  (void)scrubber.scrub(text);
  return text;
}

}  // namespace

TEST_CASE("a secret is asterisks wherever it stands, and as long as it was") {
  const Scrubber scrubber({"swordfish", "dXNlcg", "abc"});
  CHECK(scrubbed(scrubber, "swordfish") == "*********");
  CHECK(scrubbed(scrubber, "a swordfish, swordfishswordfish.") == "a *********, ******************.");
  CHECK(scrubbed(scrubber, "dXNlcg==") == "******==");
  CHECK(scrubbed(scrubber, "a swordfisherman") == "a *********erman");
  CHECK(scrubbed(scrubber, "abc and Swordfish") == "abc and Swordfish");
  CHECK(scrubbed(scrubber, "").empty());
  CHECK(Scrubber({"abc"}).empty());
}

TEST_CASE("the beginning of a secret that the end of a text cuts off is hidden from four bytes on") {
  const Scrubber scrubber({"swordfish"});
  CHECK(scrubbed(scrubber, "it said swor") == "it said ****");
  CHECK(scrubbed(scrubber, "it said swo") == "it said swo");
  CHECK(scrubbed(scrubber, "it said swordf… (3 bytes more)") == "it said ******… (3 bytes more)");
  CHECK(scrubbed(scrubber, "a sword, sheathed") == "a sword, sheathed");
}

TEST_CASE("secrets that overlap are hidden whole") {
  CHECK(scrubbed(Scrubber({"abcdef", "defghi"}), "-abcdefghi-") == "-*********-");
  CHECK(scrubbed(Scrubber({"abcdef", "cdef", "abcdefgh"}), "abcdefg abcdefgh") == "******g ********");
}

TEST_CASE("bytes of any kind are hidden: quotes, line ends, zeros, what is no UTF-8, what a pattern would take amiss") {
  const std::string odd("a\"b\n\0\xff.*[\\", 11);
  CHECK(scrubbed(Scrubber({odd}), "<" + odd + ">" + odd) == "<***********>***********");
}

TEST_CASE("fields and their names are scrubbed at any depth, and an observation that two checks share stays shared") {
  const Scrubber scrubber({"swordfish"});
  auto seen = std::make_shared<Observation>();
  seen->fields = Value::Object{{"list", Value::Array{Value("x swordfish"), Value(7)}},
                               {"headers", Value::Object{{"swordfish", "y"}}}};
  seen->message = "it says swordfish";
  auto other = std::make_shared<Observation>();
  other->message = "nothing";
  std::vector<Check> checks(2);
  for (Check& check : checks) {
    Finding finding;
    finding.message = "swordfish!";
    finding.evidence.push_back({"swordfish", seen, {}});
    finding.evidence.push_back({"", other, {}});
    finding.evidence.push_back({"note", nullptr, Value("swordfish")});
    check.results.push_back(finding);
  }
  scrubber.scrub(checks);
  const auto& evidence = checks[0].results[0].evidence;
  CHECK(checks[1].results[0].message == "*********!");
  CHECK(evidence[0].label == "*********");
  CHECK(evidence[0].observation->message == "it says *********");
  const Value expected = Value::Object{{"list", Value::Array{Value("x *********"), Value(7)}},
                                       {"headers", Value::Object{{"*********", "y"}}}};
  CHECK(evidence[0].observation->fields == expected);
  CHECK(evidence[0].observation == checks[1].results[0].evidence[0].observation);
  CHECK(evidence[1].observation == other);
  CHECK(evidence[2].note == Value("*********"));
  CHECK(seen->message == "it says swordfish");
}

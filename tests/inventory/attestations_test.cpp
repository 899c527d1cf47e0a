#include "loading.hpp"

using namespace audit;
using namespace audit::inventory;

namespace {

std::string complete(const std::string& without = "", const std::string& more = "") {
  std::string keys = "[[attestations]]\n";
  for (const auto& [key, line] :
       std::vector<std::pair<std::string, std::string>>{{"control", "control = \"NIST-800-53/AC-17\""},
                                                        {"status", "status = \"pass\""},
                                                        {"by", "by = \"j.doe\""},
                                                        {"date", "date = 2026-11-02"},
                                                        {"valid_for", "valid_for = \"365d\""},
                                                        {"evidence", "evidence = \"Reviewed, DOC-77\""}})
    if (key != without) keys += line + "\n";
  return with_target(keys + more);
}

std::string valid_until(const std::string& valid_for) {
  return format_day(loaded(complete("valid_for", "valid_for = \"" + valid_for + "\"")).attestations.at(0).valid_until);
}

}  // namespace

TEST_CASE("an attestation is read with everything it says") {
  const Inventory inventory = loaded(complete());
  REQUIRE(inventory.attestations.size() == 1);
  const Attestation& read = inventory.attestations.front();
  CHECK(read.control == "NIST-800-53/AC-17");
  CHECK(read.status == Status::pass);
  CHECK(read.by == "j.doe");
  CHECK(read.evidence == "Reviewed, DOC-77");
  CHECK(format_day(read.date) == "2026-11-02");
  CHECK(format_day(read.valid_until) == "2027-11-02");
}

TEST_CASE("an attestation by somebody whom nobody can see is none") {
  CHECK(mistakes_of(complete("by", "by = \"\\u200B\\u2060\"")) ==
        Lines{"7:6: by has no character that can be seen; a reader has to know it"});
}

TEST_CASE("an attestation holds for days or weeks, up to ten years") {
  CHECK(valid_until("1d") == "2026-11-03");
  CHECK(valid_until("2w") == "2026-11-16");
  CHECK(valid_until("3660d") == "2036-11-09");
  for (const char* bad : {"0d", "-1d", "3661d", "523w", "999999999999d", "1h", "365", "d", "1 d", "1.5d", "1dd"}) {
    INFO(bad);
    const Lines lines = mistakes_of(complete("valid_for", std::string("valid_for = \"") + bad + "\""));
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].starts_with("7:13: valid_for goes from \"1d\" to \"3660d\""));
  }
}

TEST_CASE("what an attestation has to have and has not is said") {
  for (const char* key : {"control", "status", "by", "date", "valid_for", "evidence"}) {
    INFO(key);
    const Lines lines = mistakes_of(complete(key));
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].starts_with(std::string("1:1: this attestation has no ") + key + "; write " + key + " = "));
  }
}

TEST_CASE("a person attests pass, fail or not_applicable, and nothing else") {
  for (const char* good : {"pass", "fail", "not_applicable"})
    CHECK(name_of(loaded(complete("status", std::string("status = \"") + good + "\"")).attestations.at(0).status) ==
          good);
  for (const char* bad : {"not_reviewed", "error", "informational", "", "passed"})
    CHECK(mistakes_of(complete("status", std::string("status = \"") + bad + "\"")).size() == 1);
}

TEST_CASE("a control is attested once, and named with its framework") {
  const std::string one = complete();
  const std::string two = one + one.substr(0, one.find("[[targets]]"));
  const Lines lines = mistakes_of(two);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find("is attested already, at i:2:11") != std::string::npos);
  for (const char* bad : {"AC-17", "/AC-17", "NIST-800-53/"})
    CHECK(mistakes_of(complete("control", std::string("control = \"") + bad + "\"")).size() == 1);
}

TEST_CASE("waivers and attestations are of the whole inventory: groups and targets know no such keys") {
  CHECK(mistakes_of("[groups.a]\nattestations = []\n" + with_target("")).at(0).find("unknown key") !=
        std::string::npos);
  CHECK(mistakes_of(with_target("") + "waivers = []\n").at(0).find("unknown key") != std::string::npos);
}

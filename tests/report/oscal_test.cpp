#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <set>

#include "parsed_as.hpp"
#include "random_record.hpp"
#include "report/oscal_words.hpp"
#include "sample_record.hpp"
#include "written.hpp"

using namespace audit;
using namespace audit::report;

namespace {

using Json = rapidjson::Value;

std::map<std::string, std::string> props_of(const Json& object) {
  std::map<std::string, std::string> props;
  if (!object.HasMember("props")) return props;
  for (const Json& prop : object["props"].GetArray()) props.emplace(member(prop, "name"), bytes_of(prop["value"]));
  return props;
}

const Json& list(const Json& object, const char* name) {
  static const Json none(rapidjson::kArrayType);
  return object.HasMember(name) ? object[name] : none;
}

const Json& result_of(const rapidjson::Document& oscal) { return oscal["assessment-results"]["results"][0]; }

void collect_uuids(const Json& value, std::vector<std::string>& made, std::set<std::string>& named) {
  if (value.IsArray())
    for (const Json& item : value.GetArray()) collect_uuids(item, made, named);
  if (!value.IsObject()) return;
  for (const auto& one : value.GetObject()) {
    const std::string name = one.name.GetString();
    if (name == "uuid")
      made.emplace_back(one.value.GetString());
    else if (name.ends_with("-uuid"))
      named.emplace(one.value.GetString());
    else
      collect_uuids(one.value, made, named);
  }
}

}  // namespace

TEST_CASE("each result of each check is an OSCAL observation, and each failed one a risk") {
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    INFO("seed " << seed);
    const RunRecord record = random_record(seed);
    const rapidjson::Document oscal = parsed_as("oscal", record);
    const Json& observations = list(result_of(oscal), "observations");
    const Json& risks = list(result_of(oscal), "risks");
    rapidjson::SizeType number = 0;
    rapidjson::SizeType risk = 0;
    for (const Check& check : record.checks)
      for (const Finding& result : check.results) {
        REQUIRE(number < observations.Size());
        const Json& observation = observations[number++];
        auto props = props_of(observation);
        CHECK(props["rule"] == check.rule);
        CHECK(props["target"] == check.target);
        CHECK(props["check-status"] == name_of(check.status()));
        CHECK(props["status"] == name_of(result.status));
        CHECK(props["reason"] == name_of(result.reason));
        CHECK(props["severity"] == name_of(result.severity));
        CHECK(props["endpoint"] == result.endpoint);
        CHECK(props["waiver"] == result.waiver);
        if (result.status != Status::fail) continue;
        REQUIRE(risk < risks.Size());
        const Json& told = risks[risk++];
        CHECK(member(told, "status") == (result.waiver.empty() ? "open" : "deviation-approved"));
        CHECK(member(told["related-observations"][0], "observation-uuid") == member(observation, "uuid"));
      }
    CHECK(number == observations.Size());
    CHECK(risk == risks.Size());
  }
}

TEST_CASE("the counts of OSCAL are those of the run") {
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    const RunRecord record = random_record(seed);
    const rapidjson::Document oscal = parsed_as("oscal", record);
    auto props = props_of(result_of(oscal));
    CHECK(props["planned"] == std::to_string(record.summary.planned));
    CHECK(props["waived"] == std::to_string(record.summary.waived));
    for (const Status status : all_statuses)
      CHECK(props[std::string(name_of(status))] == std::to_string(record.summary.of(status)));
    CHECK(list(result_of(oscal), "attestations").Size() == record.attestations.size());
    CHECK(list(result_of(oscal)["local-definitions"], "inventory-items").Size() == record.targets.size());
  }
}

TEST_CASE("a control is satisfied in OSCAL only where the run shows it to be") {
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    INFO("seed " << seed);
    const RunRecord record = random_record(seed);
    const rapidjson::Document oscal = parsed_as("oscal", record);
    std::map<std::string, std::string> states;
    for (const Json& finding : list(result_of(oscal), "findings").GetArray()) {
      auto props = props_of(finding);
      const std::string state = member(finding["target"]["status"], "state");
      if (props.contains("control"))
        states[props["framework"] + '/' + props["control"]] = state;
      else
        CHECK(state == "not-satisfied");
    }
    for (const FrameworkAssessment& framework : record.frameworks)
      for (const ControlAssessment& control : framework.controls) {
        const std::string id = framework.id + '/' + control.id;
        if (control.state == ControlState::not_covered)
          CHECK_FALSE(states.contains(id));
        else
          CHECK(states[id] == (control.state == ControlState::satisfied ? "satisfied" : "not-satisfied"));
      }
  }
}

TEST_CASE("every UUID of a run is made once, and whatever is named is there") {
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    INFO("seed " << seed);
    const rapidjson::Document oscal = parsed_as("oscal", random_record(seed));
    std::vector<std::string> made;
    std::set<std::string> named;
    collect_uuids(oscal, made, named);
    const std::set<std::string> all(made.begin(), made.end());
    CHECK(all.size() == made.size());
    CHECK(std::includes(all.begin(), all.end(), named.begin(), named.end()));
    CHECK(all.contains(std::string(oscal["assessment-results"]["import-ap"]["href"].GetString()).substr(1)));
  }
}

TEST_CASE("an OSCAL report imports the plan that the inventory names, and links the system security plan") {
  RunRecord record = sample_record();
  record.inventory.assessment_plan = "plans/of 2026.json";
  record.inventory.ssp = "https://grc.example.net/ssp.json#a%20b";
  const rapidjson::Document oscal = parsed_as("oscal", record);
  const rapidjson::Value& results = oscal["assessment-results"];
  CHECK(results["import-ap"]["href"].GetString() == std::string_view("plans/of%202026.json"));
  CHECK(results["metadata"]["links"][0]["href"].GetString() == record.inventory.ssp);
  CHECK_FALSE(results.HasMember("back-matter"));
}

TEST_CASE("the UUIDs of another run are others") {
  RunRecord one = sample_record();
  RunRecord other = sample_record();
  other.run.id += "x";
  CHECK(member(parsed_as("oscal", one)["assessment-results"], "uuid") !=
        member(parsed_as("oscal", other)["assessment-results"], "uuid"));
}

TEST_CASE("a waived failure is a risk that somebody accepted until a day") {
  const rapidjson::Document oscal = parsed_as("oscal", sample_record());
  for (const Json& risk : result_of(oscal)["risks"].GetArray()) {
    if (member(risk, "title") != "exposure.ftp-open on 10.20.1.12") continue;
    CHECK(member(risk, "status") == "deviation-approved");
    CHECK(member(risk, "deadline") == "2027-03-31T23:59:59Z");
    const Json& entry = risk["risk-log"]["entries"][0];
    CHECK(member(entry, "title") == "Waiver W-17");
    CHECK(props_of(entry).at("approver") == "j.doe");
    CHECK(member(risk["remediations"][0], "description") == "Disable the FTP server; use SFTP.");
    return;
  }
  FAIL("no such risk");
}

TEST_CASE("what names a plan becomes a URI reference") {
  CHECK(uri_of("https://[2001:db8::1]/a b#c#d") == "https://%5B2001:db8::1%5D/a%20b#c%23d");
  CHECK(uri_of("10:30 plan.json") == "./10:30%20plan.json");
  CHECK(uri_of("plans/a:b%2f%zz.json") == "plans/a:b%2f%25zz.json");
}

TEST_CASE("ids become OSCAL's tokens, and texts its strings") {
  CHECK(token_of("AC-17(2)") == "ac-17.2");
  CHECK(token_of("4.8") == "_4.8");
  CHECK(token_of("") == "_");
  CHECK(token_of("a b\xff\"") == "a_b__");
  CHECK(string_of("plain text") == "plain text");
  CHECK(string_of(" a ") == "\\x20a\\x20");
  CHECK(string_of("\xc2\xa0") == "\\xc2\\xa0");
  CHECK(string_of("\n") == "\\n");
}

#include <catch2/catch.hpp>

#include <algorithm>

#include "parsed_as.hpp"
#include "random_record.hpp"
#include "report/verdict.hpp"
#include "sample_record.hpp"
#include "written.hpp"

using namespace audit;
using namespace audit::report;

namespace {

using Json = rapidjson::Value;

/// What Heimdall makes of a control (inspecjs, compute_status), from its tests and its impact.
std::string heimdall_status(const Json& control) {
  std::vector<std::string> words;
  for (const Json& result : control["results"].GetArray()) words.emplace_back(result["status"].GetString());
  const auto has = [&](const char* word) { return std::find(words.begin(), words.end(), word) != words.end(); };
  if (has("error")) return "Profile Error";
  const bool skipped = control.HasMember("waiver_data") && control["waiver_data"]["skipped_due_to_waiver"].GetBool();
  if (skipped || control["impact"].GetDouble() == 0) return "Not Applicable";
  if (has("failed")) return "Failed";
  return has("passed") ? "Passed" : "Not Reviewed";
}

std::string heimdall_word(Status status) {
  switch (status) {
    case Status::pass: return "Passed";
    case Status::fail: return "Failed";
    case Status::error: return "Profile Error";
    case Status::not_reviewed: return "Not Reviewed";
    case Status::not_applicable:
    case Status::informational: return "Not Applicable";
  }
  return {};
}

}  // namespace

TEST_CASE("each check is an HDF control of the same status, results and waivers") {
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    INFO("seed " << seed);
    RunRecord record = random_record(seed);
    const rapidjson::Document hdf = parsed_as("hdf", record);
    const Json& controls = hdf["profiles"][0]["controls"];
    REQUIRE(controls.Size() == record.checks.size());
    for (rapidjson::SizeType i = 0; i < controls.Size(); ++i) {
      const Check& check = record.checks.held()[i];
      const Json& control = controls[i];
      CHECK(member(control["tags"], "rule") == check.rule);
      CHECK(member(control["tags"], "target") == check.target);
      CHECK(member(control["tags"], "status") == name_of(check.status()));
      CHECK(heimdall_status(control) == heimdall_word(check.status()));
      REQUIRE(control["results"].Size() == check.results.size());
      std::string waiver;
      for (rapidjson::SizeType n = 0; n < check.results.size(); ++n) {
        const Finding& result = check.results[n];
        const Json& ours = control["results"][n]["audit"];
        CHECK(member(ours, "status") == name_of(result.status));
        CHECK(member(ours, "reason") == name_of(result.reason));
        CHECK(member(ours, "severity") == name_of(result.severity));
        CHECK(member(ours, "endpoint") == result.endpoint);
        CHECK(member(ours, "waiver") == result.waiver);
        if (waiver.empty()) waiver = result.waiver;
      }
      CHECK(control.HasMember("waiver_data") == !waiver.empty());
    }
  }
}

TEST_CASE("the counts of HDF are those of the run") {
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    RunRecord record = random_record(seed);
    const rapidjson::Document hdf = parsed_as("hdf", record);
    std::uint64_t sum = 0;
    for (const auto& block : hdf["statistics"]["controls"].GetObject()) sum += block.value["total"].GetUint64();
    CHECK(sum == record.summary.planned);
    CHECK(hdf["statistics"]["controls"]["passed"]["total"].GetUint64() == record.summary.of(Status::pass));
    CHECK(hdf["passthrough"]["audit"]["summary"]["planned"].GetUint64() == record.summary.planned);
    CHECK(hdf["passthrough"]["audit"]["waivers"].Size() == record.waivers.size());
  }
}

TEST_CASE("a rule that passes on one target is not passed on one that nobody saw") {
  RunRecord record;
  add(record, check_of("a.rule", "seen", Status::pass, Reason::observed, "fine"));
  add(record, check_of("a.rule", "silent", Status::not_reviewed, Reason::unreachable, "no answer"));
  Check half = check_of("a.rule", "half", Status::not_reviewed, Reason::filtered, "no answer");
  half.results.push_back(record.checks.held()[0].results[0]);
  add(record, half);
  const rapidjson::Document hdf = parsed_as("hdf", record);
  const Json& controls = hdf["profiles"][0]["controls"];
  CHECK(heimdall_status(controls[0]) == "Passed");
  CHECK(heimdall_status(controls[1]) == "Not Reviewed");
  CHECK(heimdall_status(controls[2]) == "Not Reviewed");
  CHECK(member(controls[1]["results"][0], "skip_message") == "not_reviewed (unreachable): no answer");
}

TEST_CASE("HDF says of a run that did not see what it had to that it did not") {
  RunRecord record;
  record.run.complete = true;
  add(record, check_of("a.rule", "seen", Status::pass, Reason::observed, "fine"));
  record.summary.planned = 1;
  const auto message_of = [&] {
    const rapidjson::Document hdf = parsed_as("hdf", record);
    const Json& profile = hdf["profiles"][0];
    return profile.HasMember("status_message") ? member(profile, "status_message") : std::string();
  };
  CHECK(message_of() == "");
  record.run.complete = false;
  CHECK(message_of() == verdict_of(record).headline);
  CHECK(message_of() != "");
}

TEST_CASE("HDF tells of NIST's controls, the severity, the waiver and what to do") {
  const rapidjson::Document hdf = parsed_as("hdf", sample_record());
  for (const Json& control : hdf["profiles"][0]["controls"].GetArray()) {
    if (member(control, "id") != "exposure.ftp-open on 10.20.1.12") continue;
    CHECK(control["tags"]["nist"].Size() == 2);
    CHECK(bytes_of(control["tags"]["nist"][0]) == "CM-7");
    CHECK(control["impact"].GetDouble() == 0.5);
    CHECK(member(control["tags"], "severity") == "medium");
    CHECK(member(control["descriptions"][1], "data") == "Disable the FTP server; use SFTP.");
    CHECK(member(control["refs"][0], "url") == "https://www.rfc-editor.org/rfc/rfc959");
    CHECK(member(control["waiver_data"], "expiration_date") == "2027-03-31");
    CHECK(member(control["waiver_data"], "message") == "W-17, approved by j.doe; 1 of 1 result waived");
    CHECK_FALSE(control["waiver_data"]["skipped_due_to_waiver"].GetBool());
    const Json& result = control["results"][0];
    CHECK(member(result, "status") == "failed");
    CHECK(std::string(result["message"].GetString()).find("FTP answers on 21/tcp\nbanner of tcp/10.20.1.12:21") == 0);
    return;
  }
  FAIL("no such control");
}

#include <catch2/catch.hpp>

#include <algorithm>

#include "base/fingerprint.hpp"
#include "base/text.hpp"
#include "hostile_record.hpp"
#include "random_record.hpp"
#include "report/sarif_parts.hpp"
#include "sample_record.hpp"
#include "written.hpp"

using namespace audit;
using namespace audit::report;

namespace {

rapidjson::Document sarif_of(const RunRecord& record) {
  const std::string text = written("sarif", record);
  CHECK(printable(text));
  rapidjson::Document document;
  document.Parse<rapidjson::kParseValidateEncodingFlag>(text.data(), text.size());
  REQUIRE_FALSE(document.HasParseError());
  return document;
}

const rapidjson::Value& run_of(const rapidjson::Document& sarif) { return sarif["runs"][0]; }

const rapidjson::Value& notifications_of(const rapidjson::Document& sarif) {
  return run_of(sarif)["invocations"][0]["toolExecutionNotifications"];
}

bool among(const std::vector<DiffItem>& items, const std::string& fingerprint) {
  return std::any_of(items.begin(), items.end(), [&](const DiffItem& item) { return item.fingerprint == fingerprint; });
}

/// What a result says of the run before.
void check_state(const rapidjson::Value& item, const RunRecord& record) {
  CHECK(item.HasMember("baselineState") == record.changes.has_value());
  if (!record.changes) return;
  const std::string fingerprint = item["partialFingerprints"]["auditFinding/v1"].GetString();
  const std::string_view state = item["baselineState"].GetString();
  const bool changed = among(record.changes->changed, fingerprint);
  CHECK((state == "updated") == changed);
  CHECK((state == "unchanged") == (!changed && among(record.changes->same, fingerprint)));
}

void check_same(const rapidjson::Value& item, const Check& check, const Finding& finding) {
  const rapidjson::Value& properties = item["properties"];
  CHECK(from_visible(properties["target"].GetString()) == check.target);
  CHECK(from_visible(properties["endpoint"].GetString()) == finding.endpoint);
  CHECK(properties["status"].GetString() == name_of(finding.status));
  CHECK(properties["reason"].GetString() == name_of(finding.reason));
  CHECK(properties["severity"].GetString() == name_of(finding.severity));
  CHECK(from_visible(properties["waiver"].GetString()) == finding.waiver);
}

}  // namespace

TEST_CASE("a SARIF report that is read back has every failure, all that was not seen, and each waiver") {
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    INFO("seed " << seed);
    const RunRecord record = random_record(seed);
    const rapidjson::Document sarif = sarif_of(record);
    const rapidjson::Value& results = run_of(sarif)["results"];
    const rapidjson::Value& notifications = notifications_of(sarif);
    rapidjson::SizeType result = 0;
    rapidjson::SizeType notification = 0;
    if (!run_of(sarif)["invocations"][0]["executionSuccessful"].GetBool()) ++notification;  // which says why
    for (const Check& check : record.checks) {
      for (const Finding& finding : check.results) {
        if (finding.status == Status::fail) {
          REQUIRE(result < results.Size());
          const rapidjson::Value& item = results[result++];
          check_same(item, check, finding);
          CHECK(item["ruleId"].GetString() == check.rule);
          check_state(item, record);
          CHECK(item["suppressions"].Size() == (finding.waiver.empty() ? 0U : 1U));
          CHECK(item["partialFingerprints"]["auditFinding/v1"].GetString() == fingerprint_of(check, finding));
        } else if (finding.status == Status::error || finding.status == Status::not_reviewed) {
          REQUIRE(notification < notifications.Size());
          check_same(notifications[notification++], check, finding);
        }
      }
    }
    const std::vector<DiffItem> open = record.changes ? record.changes->open : std::vector<DiffItem>();
    for (const DiffItem& item : open) {  // failures that nobody looked at stay open
      REQUIRE(result < results.Size());
      CHECK(results[result]["partialFingerprints"]["auditFinding/v1"].GetString() == item.fingerprint);
      CHECK(results[result++]["baselineState"].GetString() == std::string_view("unchanged"));
    }
    CHECK(result == results.Size());
    CHECK(run_of(sarif).HasMember("baselineGuid") == record.changes.has_value());
    CHECK(notification == notifications.Size());
    const rapidjson::Value& summary = run_of(sarif)["properties"]["summary"];
    CHECK(summary["planned"].GetUint64() == record.summary.planned);
    for (const Status status : all_statuses)
      CHECK(summary[std::string(name_of(status)).c_str()].GetUint64() == record.summary.of(status));
  }
}

TEST_CASE("a rule in SARIF has its help, its level and its place") {
  const RunRecord record = sample_record();
  const rapidjson::Document sarif = sarif_of(record);
  const rapidjson::Value& rules = run_of(sarif)["tool"]["driver"]["rules"];
  const rapidjson::Value& telnet = rules[1];
  CHECK(telnet["id"].GetString() == std::string_view("exposure.telnet-open"));
  CHECK(std::string_view(telnet["help"]["text"].GetString()).find("Disable the Telnet server") != std::string::npos);
  CHECK(std::string_view(telnet["help"]["markdown"].GetString()).find("<https://www.rfc-editor.org/rfc/rfc854>") !=
        std::string::npos);
  CHECK(telnet["helpUri"].GetString() == std::string_view("https://www.rfc-editor.org/rfc/rfc854"));
  CHECK(telnet["properties"]["security-severity"].GetString() == std::string_view("8.0"));
  CHECK(telnet["defaultConfiguration"]["level"].GetString() == std::string_view("error"));
  for (const rapidjson::Value& result : run_of(sarif)["results"].GetArray())
    CHECK(std::string_view(rules[result["ruleIndex"].GetUint()]["id"].GetString()) == result["ruleId"].GetString());
}

TEST_CASE("a SARIF result stands in the inventory, or where there is none on the command line") {
  RunRecord record;
  add(record, check_of("r.r", "h", Status::fail, Reason::observed, "m"));
  for (const auto& [path, uri] : {std::pair("./campus one.toml", "campus%20one.toml"),
                                  {"/srv/b.toml", "file:///srv/b.toml"},
                                  {"", "command-line"}}) {
    record.inventory.path = path;
    const rapidjson::Document sarif = sarif_of(record);
    const rapidjson::Value& place = run_of(sarif)["results"][0]["locations"][0]["physicalLocation"];
    CHECK(place["artifactLocation"]["uri"].GetString() == std::string_view(uri));
    CHECK(place["region"]["startLine"].GetInt() == 1);
  }
  TargetRecord target;
  target.id = "h";
  target.file = "hosts.csv";
  target.line = 7;
  record.targets = {target};
  const rapidjson::Document sarif = sarif_of(record);
  const rapidjson::Value& place = run_of(sarif)["results"][0]["locations"][0]["physicalLocation"];
  CHECK(place["artifactLocation"]["uri"].GetString() == std::string_view("hosts.csv"));
  CHECK(place["region"]["startLine"].GetInt() == 7);
}

TEST_CASE("an incomplete run is no successful execution in SARIF; a clean one is a file without results") {
  RunRecord record;
  add(record, check_of("r.r", "h", Status::pass, Reason::observed, "m"));
  CHECK_FALSE(run_of(sarif_of(record))["invocations"][0]["executionSuccessful"].GetBool());
  record.run.complete = true;
  const rapidjson::Document clean = sarif_of(record);
  CHECK(run_of(clean)["invocations"][0]["executionSuccessful"].GetBool());
  CHECK(notifications_of(clean).Empty());
  CHECK(run_of(clean)["results"].Empty());
  add(record, check_of("r.r", "h", Status::not_reviewed, Reason::unreachable, "m"));
  CHECK_FALSE(run_of(sarif_of(record))["invocations"][0]["executionSuccessful"].GetBool());
}

TEST_CASE("text of a SARIF message is neither a placeholder nor a link") {
  CHECK(sarif_text("{0} of {x}") == "{{0}} of {{x}}");
  CHECK(sarif_text("[a](http://b) [c] (d)") == "[a\\](http://b) [c] (d)");
}

TEST_CASE("hostile bytes in every field of a SARIF report stay text") {
  for (const std::string& bytes : {hostile_bytes(), std::string(), std::string(1'000'000, '{')}) {
    const RunRecord record = hostile_record(bytes);
    CHECK(written("sarif", record).size() < 500'000);
    const rapidjson::Document sarif = sarif_of(record);
    CHECK(run_of(sarif)["results"].Size() == 3);
    for (const rapidjson::Value& result : run_of(sarif)["results"].GetArray())
      CHECK(std::string_view(result["message"]["text"].GetString()).find("[a](b)") == std::string::npos);
  }
}

#include <catch2/catch.hpp>

#include <limits>

#include "base/text.hpp"
#include "sample_record.hpp"
#include "written.hpp"

using namespace audit;
using namespace audit::report;

namespace {

std::vector<std::string> names_of(const rapidjson::Value& object) {
  std::vector<std::string> names;
  for (const auto& member : object.GetObject()) names.emplace_back(member.name.GetString());
  return names;
}

RunRecord with_note(Value note) {
  RunRecord record;
  Check check = check_of("a.rule", "h", Status::fail, Reason::observed, "m");
  check.results[0].evidence.push_back({"note", nullptr, std::move(note)});
  add(record, std::move(check));
  return record;
}

}  // namespace

TEST_CASE("the JSON report has the design's names at its top") {
  const rapidjson::Document json = parsed(sample_record());
  CHECK(names_of(json) == std::vector<std::string>{"schema", "tool", "run", "inventory", "summary", "rules",
                                                   "frameworks", "targets", "checks", "waivers", "attestations", "dark",
                                                   "excluded", "left_out", "notices"});
  CHECK(json["schema"].GetInt() == 1);
  CHECK(names_of(json["run"]["vantage"]) == std::vector<std::string>{"host", "addresses", "resolvers"});
  CHECK(json["run"]["started"].GetString() == std::string_view("2026-11-20T22:04:05.123Z"));
  CHECK(json["inventory"]["path"].GetString() == std::string_view("campus.toml"));
  CHECK(json["targets"].Size() == 6);
  CHECK(json["targets"][0]["ports"][0]["service"].GetString() == std::string_view("ssh"));
  CHECK(json["rules"].Size() == 6);
  CHECK(json["dark"][0]["count"].GetInt() == 9);
}

TEST_CASE("a check carries its foremost result, and its results where it has endpoints") {
  const rapidjson::Document json = parsed(sample_record());
  const rapidjson::Value& telnet = json["checks"][0];
  CHECK(names_of(telnet) == std::vector<std::string>{"rule", "target", "status", "reason", "severity", "first_seen",
                                                     "last_seen", "message", "evidence", "results"});
  CHECK(telnet["severity"].GetString() == std::string_view("high"));
  const rapidjson::Value& banner = telnet["evidence"][1];
  CHECK(names_of(banner) == std::vector<std::string>{"label", "probe", "endpoint", "reason", "time", "elapsed", "local",
                                                     "remote", "attempts", "seen"});
  CHECK(banner["elapsed"].GetDouble() == Approx(0.012345));
  CHECK(from_visible(banner["seen"]["text"].GetString()).starts_with("\xff\xfd\x18\r\n"));
  CHECK(json["checks"][3]["results"].Size() == 2);
  CHECK(json["checks"][3]["results"][1]["key"].GetString() == std::string_view("8080"));
  CHECK_FALSE(json["checks"][4].HasMember("results"));
}

TEST_CASE("nothing of a value is cut or lost in JSON") {
  const std::string bytes = std::string(3'000'000, '\xff') + std::string("\0\x1b\\x41", 6);
  const rapidjson::Document json = parsed(with_note(bytes));
  const rapidjson::Value& value = json["checks"][0]["evidence"][0]["value"];
  CHECK((from_visible({value.GetString(), value.GetStringLength()}) == bytes));
}

TEST_CASE("a number that JSON lacks is a word") {
  const double infinity = std::numeric_limits<double>::infinity();
  const rapidjson::Document json =
      parsed(with_note(Value::Array{std::numeric_limits<double>::quiet_NaN(), infinity, -infinity,
                                    std::numeric_limits<std::int64_t>::min(), Value(), false}));
  const rapidjson::Value& value = json["checks"][0]["evidence"][0]["value"];
  CHECK(value[0].GetString() == std::string_view("nan"));
  CHECK(value[1].GetString() == std::string_view("inf"));
  CHECK(value[2].GetString() == std::string_view("-inf"));
  CHECK(value[3].GetInt64() == std::numeric_limits<std::int64_t>::min());
  CHECK(value[4].IsNull());
  CHECK(value[5].IsFalse());
}

TEST_CASE("an empty record is a report too") {
  const rapidjson::Document json = parsed(RunRecord{});
  CHECK(json["summary"]["planned"].GetInt() == 0);
  CHECK(json["run"]["complete"].IsFalse());
  CHECK(json["checks"].Empty());
}

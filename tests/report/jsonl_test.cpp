#include <catch2/catch.hpp>

#include <sstream>

#include "hostile_record.hpp"
#include "parsed_as.hpp"
#include "random_record.hpp"
#include "written.hpp"

using namespace audit;
using namespace audit::report;

namespace {

using Json = rapidjson::Value;

std::vector<rapidjson::Document> lines_of(const RunRecord& record) {
  const std::string text = written("jsonl", record);
  REQUIRE(text.ends_with('\n'));
  std::vector<rapidjson::Document> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    lines.emplace_back().Parse<rapidjson::kParseFullPrecisionFlag>(line.data(), line.size());
    REQUIRE_FALSE(lines.back().HasParseError());
    REQUIRE(lines.back().IsObject());
  }
  return lines;
}

/// The items of a list of the JSON report are the lines of a kind, in their order.
void check_same(const std::vector<rapidjson::Document>& lines, const char* kind, const Json& list) {
  rapidjson::SizeType number = 0;
  for (const rapidjson::Document& line : lines) {
    if (member(line, "line") != kind) continue;
    REQUIRE(number < list.Size());
    CHECK((line[kind] == list[number]));
    ++number;
  }
  CHECK(number == list.Size());
}

}  // namespace

TEST_CASE("each line of JSONL is what stands in the JSON report") {
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    INFO("seed " << seed);
    const RunRecord record = random_record(seed);
    const rapidjson::Document json = parsed(record);
    const std::vector<rapidjson::Document> lines = lines_of(record);
    REQUIRE(lines.size() == 2 + record.rules.size() + record.targets.size() + record.checks.size());
    CHECK(member(lines.front(), "line") == "header");
    CHECK((lines.front()["tool"] == json["tool"]));
    check_same(lines, "rule", json["rules"]);
    check_same(lines, "target", json["targets"]);
    check_same(lines, "check", json["checks"]);
    const rapidjson::Document& end = lines.back();
    CHECK(member(end, "line") == "summary");
    for (const char* name : {"run", "summary", "waivers", "attestations", "dark", "excluded", "left_out", "notices"})
      CHECK((end[name] == json[name]));
  }
}

TEST_CASE("hostile bytes in every field break no line of JSONL") {
  const RunRecord record = hostile_record(hostile_bytes());
  CHECK(printable(written("jsonl", record)));
  CHECK(lines_of(record).size() == 2 + record.rules.size() + record.targets.size() + record.checks.size());
}

TEST_CASE("a text longer than the buffer stands whole in its line") {
  RunRecord record;
  const std::string huge = std::string(300'000, 'a') + '\n' + std::string(300'000, 'b');
  add(record, check_of("a.rule", "h", Status::fail, Reason::observed, huge));
  CHECK(member(lines_of(record)[1]["check"], "message") == huge);
}

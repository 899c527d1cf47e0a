#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <pugixml.hpp>

#include "fleeting_record.hpp"
#include "hostile_record.hpp"
#include "random_record.hpp"
#include "report/digest.hpp"
#include "report/verdict.hpp"
#include "sample_record.hpp"
#include "written.hpp"

using namespace audit;
using namespace audit::report;

namespace {

/// A text of one long line, so that a count and its word stand together.
std::string line_after(const std::string& text, const std::string& start) {
  const std::size_t begin = text.find(start);
  REQUIRE(begin != std::string::npos);
  return text.substr(begin, text.find('\n', begin) - begin);
}

std::uint64_t number_after(const std::string& line, const std::string& word) {
  const std::size_t at = line.find(word);
  REQUIRE(at != std::string::npos);
  return std::stoull(line.substr(at + word.size()));
}

}  // namespace

TEST_CASE("every format has the same counts, and they are those of the record") {
  for (std::uint32_t seed = 0; seed < 150; ++seed) {
    INFO("seed " << seed);
    const RunRecord record = random_record(seed);
    const std::string line = line_after(written("text", record, {false, 400}), "  planned ");
    const rapidjson::Document json = parsed(record);
    pugi::xml_document html;
    REQUIRE(html.load_string(written("html", record).c_str()));
    const auto html_count = [&](const std::string& id) {
      return html.select_node(("//data[@id='count-" + id + "']").c_str()).node().attribute("value").as_ullong(~0ULL);
    };
    const rapidjson::Value& summary = json["summary"];
    CHECK(number_after(line, "planned ") == record.summary.planned);
    CHECK(summary["planned"].GetUint64() == record.summary.planned);
    CHECK(html_count("planned") == record.summary.planned);
    std::uint64_t sum = 0;
    for (const Status status : all_statuses) {
      const std::string name(name_of(status));
      const std::uint64_t count = record.summary.of(status);
      INFO(name);
      CHECK(number_after(line, name + " ") == count);
      CHECK(summary[name.c_str()].GetUint64() == count);
      CHECK(html_count(name) == count);
      sum += count;
    }
    CHECK(sum == record.summary.planned);
  }
}

TEST_CASE("the checks in the JSON report add up to its summary") {
  for (std::uint32_t seed = 0; seed < 150; ++seed) {
    INFO("seed " << seed);
    const RunRecord record = random_record(seed);
    const rapidjson::Document json = parsed(record);
    Summary recount;
    for (const rapidjson::Value& check : json["checks"].GetArray()) {
      ++recount.checks[static_cast<std::size_t>(*parse_status(check["status"].GetString()))];
      if (!check.HasMember("results")) {
        ++recount.results[static_cast<std::size_t>(*parse_status(check["status"].GetString()))];
        continue;
      }
      for (const rapidjson::Value& result : check["results"].GetArray())
        ++recount.results[static_cast<std::size_t>(*parse_status(result["status"].GetString()))];
    }
    CHECK(recount.checks == record.summary.checks);
    CHECK(recount.results == record.summary.results);
    CHECK(json["checks"].Size() == record.summary.planned);
    CHECK(json["summary"]["score"].GetDouble() == record.summary.score());
    CHECK(json["summary"]["coverage"].GetDouble() == record.summary.coverage());
  }
}

TEST_CASE("the same record is the same bytes, whoever writes it and when") {
  for (std::uint32_t seed = 0; seed < 20; ++seed)
    for (const Format& format : formats())
      CHECK(written(format.name, random_record(seed)) == written(format.name, random_record(seed)));
}

TEST_CASE("no writer holds on to a check that the walk has left behind") {
  const auto same = [](const RunRecord& record) {
    const RunRecord walked = fleeting(record);
    for (const Format& format : formats()) {
      INFO(format.name);
      const bool alike = written(format.name, walked) == written(format.name, record);
      CHECK(alike);
    }
    CHECK(digest_of(walked) == digest_of(record));
  };
  same(sample_record());
  same(hostile_record("<b>=1\x1b\xff"));
  for (std::uint32_t seed = 0; seed < 40; ++seed) {
    INFO("seed " << seed);
    same(random_record(seed));
  }
}

TEST_CASE("text and page open with the same verdict") {
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    INFO("seed " << seed);
    const RunRecord record = random_record(seed);
    const Verdict verdict = verdict_of(record);
    CHECK(written("text", record, {false, 400}).find('\n' + verdict.headline + '\n') != std::string::npos);
    pugi::xml_document html;
    REQUIRE(html.load_string(written("html", record).c_str()));
    CHECK(html.select_node("//h1").node().text().get() == verdict.headline);
  }
}

#include <catch2/catch.hpp>

#include <pugixml.hpp>

#include "random_record.hpp"
#include "report/decisions.hpp"
#include "sample_record.hpp"
#include "written.hpp"

using namespace audit;
using namespace audit::report;

namespace {

std::string text_of(const pugi::xml_node& node) {
  std::string text;
  if (node.type() == pugi::node_pcdata) return node.value();
  for (const pugi::xml_node& child : node.children()) text += text_of(child);
  return text;
}

WaiverRecord waiver(WaiverState state, std::uint64_t named, std::uint64_t matched, std::uint64_t waived) {
  WaiverRecord made;
  made.state = state;
  made.named = named;
  made.matched = matched;
  made.waived = waived;
  return made;
}

}  // namespace

TEST_CASE("every waiver of the inventory is listed in every report, in whatever state") {
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    INFO("seed " << seed);
    const RunRecord record = random_record(seed);
    const rapidjson::Document json = parsed(record);
    REQUIRE(json["waivers"].Size() == record.waivers.size());
    for (rapidjson::SizeType i = 0; i < json["waivers"].Size(); ++i) {
      CHECK(json["waivers"][i]["state"].GetString() == name_of(record.waivers[i].state));
      CHECK(json["waivers"][i]["unused"].GetBool() == record.waivers[i].unused());
      CHECK(json["waivers"][i]["waived"].GetUint64() == record.waivers[i].waived);
    }
    CHECK(json["attestations"].Size() == record.attestations.size());
    pugi::xml_document html;
    REQUIRE(html.load_string(written("html", record).c_str()));
    CHECK(html.select_nodes("//section[@id='waivers']//tbody/tr").size() == record.waivers.size());
    CHECK(html.select_nodes("//section[@id='attestations']//tbody/tr").size() == record.attestations.size());
    const std::string text = written("text", record, {false, 2000});
    for (const WaiverRecord& one : record.waivers) CHECK(text.find(time_of(one)) != std::string::npos);
    for (const AttestationRecord& one : record.attestations) CHECK(text.find(standing_of(one)) != std::string::npos);
  }
}

TEST_CASE("a waived failure says by what it is waived, and stays among the failures") {
  const RunRecord record = sample_record();
  const std::string text = written("text", record, {false, 200});
  const std::size_t finding = text.find("FTP answers on 21/tcp");
  REQUIRE(finding != std::string::npos);
  CHECK(text.find("waived by W-17", finding) < finding + 100);
  pugi::xml_document html;
  REQUIRE(html.load_string(written("html", record).c_str()));
  const auto waived = html.select_nodes("//section[@id='findings']//p[@class='waived']");
  REQUIRE(waived.size() == 1);
  CHECK(text_of(waived[0].node()) == "Waived by W-17");
  std::size_t carried = 0;
  const rapidjson::Document json = parsed(record);
  for (const rapidjson::Value& check : json["checks"].GetArray())
    if (check.HasMember("waiver")) ++carried;
  CHECK(carried == 6);
  CHECK(json["summary"]["waived"].GetUint64() == 1);
  CHECK(json["summary"]["waived_unseen"].GetUint64() == 5);
}

TEST_CASE("the counts of waived results in the JSON report are those of its checks") {
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    INFO("seed " << seed);
    const rapidjson::Document json = parsed(random_record(seed));
    std::uint64_t waived = 0;
    for (const rapidjson::Value& check : json["checks"].GetArray()) {
      const auto count = [&](const rapidjson::Value& result) {
        if (result.HasMember("waiver") && std::string(result["status"].GetString()) == "fail") ++waived;
      };
      if (check.HasMember("results"))
        for (const rapidjson::Value& result : check["results"].GetArray()) count(result);
      else
        count(check);
    }
    CHECK(json["summary"]["waived"].GetUint64() == waived);
  }
}

TEST_CASE("what a waiver came to is said in words") {
  CHECK(effect_of(waiver(WaiverState::active, 3, 2, 2)) == "2 results waived");
  CHECK(effect_of(waiver(WaiverState::active, 3, 2, 1)) ==
        "1 result waived; 1 that it covers too carries another waiver");
  CHECK(effect_of(waiver(WaiverState::expiring, 3, 0, 0)) == "unused: 3 results that it names did not need it");
  CHECK(effect_of(waiver(WaiverState::active, 0, 0, 0)) == "unused: it names no result of this run");
  CHECK(effect_of(waiver(WaiverState::expired, 1, 1, 0)) == "1 result that it covered counts again");
  CHECK(effect_of(waiver(WaiverState::expired, 1, 0, 0)) == "nothing in this run would need it");
  CHECK(effect_of(waiver(WaiverState::future, 1, 1, 0)) ==
        "it will cover 1 result of this run once it starts; until then it counts in full");
}

TEST_CASE("waivers that need somebody come first") {
  const RunRecord record = sample_record();
  std::vector<std::string> order;
  for (const WaiverRecord* one : by_urgency(record.waivers)) order.push_back(one->id);
  CHECK(order == std::vector<std::string>{"W-9", "W-20", "W-17", "W-21", "W-18"});
  CHECK(tally_of(record.waivers) == "1 expired, 1 expiring, 2 active, 1 future, 1 unused");
}

TEST_CASE("an attestation is in no score, and one that expired is not reviewed") {
  RunRecord record = sample_record();
  const double score = record.summary.score();
  const rapidjson::Document json = parsed(record);
  CHECK(json["summary"]["score"].GetDouble() == score);
  CHECK(json["summary"]["attestations"]["pass"].GetUint64() == 1);
  CHECK(json["summary"]["attestations"]["not_reviewed"].GetUint64() == 1);
  CHECK(std::string(json["attestations"][1]["status"].GetString()) == "not_reviewed");
  CHECK(std::string(json["attestations"][1]["stated"].GetString()) == "pass");
  const std::string text = written("text", record, {false, 200});
  CHECK(text.find("NIST-800-53/PE-3: not_reviewed: expired at the end of 2026-10-01 (it said pass)") !=
        std::string::npos);
  CHECK(text.find("attested by people: 1 pass, 1 not_reviewed; in no score") != std::string::npos);
}

#include <catch2/catch.hpp>

#include <pugixml.hpp>

#include "random_record.hpp"
#include "sample_record.hpp"
#include "written.hpp"

using namespace audit;
using namespace audit::report;

namespace {

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

Framework framework_of(std::vector<Framework::Control> controls) {
  Framework framework;
  framework.id = "LAB";
  framework.title = "Lab";
  framework.controls = std::move(controls);
  return framework;
}

RunRecord record_of(std::vector<Framework::Control> controls, std::vector<Check> checks, const IsWaived& waived = {},
                    const std::vector<ControlAnswer>& answers = {}) {
  RunRecord record;
  record.run.complete = true;
  RuleRecord rule;
  rule.id = "a.rule";
  record.rules = {rule};
  for (Check& check : checks) add(record, std::move(check));
  record.controls.frameworks = {framework_of(std::move(controls))};
  record.frameworks = assess(record.controls, outcomes_of(record.rules, record.checks, waived), answers, true);
  return record;
}

Check check(Status status) { return check_of("a.rule", "h", status, Reason::observed, "m"); }

}  // namespace

TEST_CASE("the JSON report has the controls with their counts and the checks behind them") {
  const rapidjson::Document json = parsed(sample_record());
  const rapidjson::Value& acme = json["frameworks"][0];
  CHECK(std::string(acme["id"].GetString()) == "ACME");
  CHECK(acme["counts"]["not_satisfied"].GetUint64() == 1);
  CHECK(acme["counts"]["not_covered"].GetUint64() == 1);
  const rapidjson::Value& control = acme["controls"][0];
  CHECK(std::string(control["state"].GetString()) == "not_satisfied");
  CHECK(std::string(control["why"].GetString()) == "1 failure (ssh.obsolete-protocol 1)");
  const rapidjson::Value& mapped = control["rules"][0];
  CHECK(std::string(mapped["supports"].GetString()) == "full");
  CHECK(std::string(mapped["failed"][0]["target"].GetString()) == "10.20.1.7");
  CHECK(mapped["failed_left_out"].GetUint64() == 0);
  CHECK(mapped["unseen"].Size() == mapped["error"].GetUint64() + mapped["not_reviewed"].GetUint64());
  CHECK(control["checks"]["planned"].GetUint64() == mapped["planned"].GetUint64());
}

TEST_CASE("every format has the same counts of controls") {
  const RunRecord record = sample_record();
  const std::string text = written("text", record, {false, 100});
  pugi::xml_document html;
  REQUIRE(html.load_string(written("html", record).c_str()));
  CHECK(has(text, "\n  not satisfied                     1              2\n"));
  CHECK(has(text, "\n  controls                          2              5\n"));
  const auto said = html.select_nodes("//section[@id='controls']/p[contains(., ' controls: ')]");
  REQUIRE(said.size() == 2);
  CHECK(std::string(said[1].node().text().get()) ==
        "5 controls: 2 not satisfied, 0 risk accepted, 0 satisfied, 1 attested, 0 partial evidence, 0 not reviewed, 1 "
        "no evidence, 1 not covered.");
}

TEST_CASE("the text names what is not satisfied, and says nothing of controls of which the run says nothing") {
  const std::string text = written("text", sample_record(), {false, 100});
  CHECK(has(text, "  - not satisfied: 1.1 (Nothing speaks SSH 1): 1 failure (ssh.obsolete-protocol 1)"));
  CHECK_FALSE(has(written("text", record_of({{"1", "One", {}}}, {check(Status::pass)})), "CONTROLS"));
  CHECK_FALSE(has(written("text", RunRecord{}), "CONTROLS"));
}

TEST_CASE("the page says the state in words, the rules behind it, their counts and why they are partial") {
  const RunRecord record =
      record_of({{"1", "One", {{"a.rule", Support::partial, "only <half> of it"}}}, {"2", "Two", {}}},
                {check(Status::pass), check(Status::error)});
  pugi::xml_document html;
  REQUIRE(html.load_string(written("html", record).c_str()));
  const pugi::xml_node row = html.select_node("//section[@id='controls']//tbody/tr").node();
  const std::string state = row.select_node("td/span[@class='control some']").node().text().get();
  CHECK(state == "partial evidence");
  std::string all;
  for (const auto& part : row.select_nodes(".//text()")) all += part.node().value();
  CHECK(has(all, "a.rule partial: only <half> of it"));
  CHECK(has(all, "1 pass, 0 fail, 1 not judged, 0 not applicable"));
  CHECK(has(all, "1 of 2 checks pass; 1 of 2 checks could not be judged"));
  CHECK(html.select_nodes("//section[@id='controls']//details//li").size() == 1);
}

TEST_CASE("an attested control and an accepted risk are shown as their own kind") {
  ControlAnswer answer;
  answer.framework = "LAB";
  answer.control = "2";
  answer.met = answer.current = true;
  answer.status = "met";
  answer.by = "j.doe <x>";
  answer.date = "2026-11-01";
  answer.valid_until = "2027-01-31";
  const IsWaived all = [](const Check&, const Finding&) { return true; };
  const RunRecord record = record_of({{"1", "One", {{"a.rule", Support::full, "all of it"}}}, {"2", "Two", {}}},
                                     {check(Status::fail)}, all, {answer});
  const rapidjson::Document json = parsed(record);
  const rapidjson::Value& controls = json["frameworks"][0]["controls"];
  CHECK(std::string(controls[0]["state"].GetString()) == "risk_accepted");
  CHECK(std::string(controls[1]["state"].GetString()) == "attested");
  CHECK(std::string(controls[1]["attestation"]["by"].GetString()) == "j.doe <x>");
  const std::string text = written("text", record);
  CHECK(has(text, "  - risk accepted: 1 (One): 1 failure, all waived (a.rule 1)"));
  pugi::xml_document html;
  REQUIRE(html.load_string(written("html", record).c_str()));
  CHECK(html.select_nodes("//span[@class='control attested']").size() == 1);
  CHECK(html.select_nodes("//span[@class='control accepted']").size() == 1);
}

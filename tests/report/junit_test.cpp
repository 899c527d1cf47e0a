#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <map>
#include <pugixml.hpp>
#include <sstream>

#include "base/text.hpp"
#include "hostile_record.hpp"
#include "random_record.hpp"
#include "written.hpp"

using namespace audit;
using namespace audit::report;

namespace {

pugi::xml_document junit_of(const RunRecord& record) {
  const std::string text = written("junit", record);
  CHECK(printable(text));
  pugi::xml_document document;
  REQUIRE(document.load_string(text.c_str()));
  return document;
}

/// The element within a testcase; "" where it passed.
std::string element_of(const pugi::xml_node& testcase) { return testcase.first_child().name(); }

std::string element_of(const Check& check) {
  const pugi::xml_document document = [&] {
    RunRecord record;
    add(record, check);
    return junit_of(record);
  }();
  return element_of(document.select_node("//testcase").node());
}

Check check_with(std::initializer_list<std::pair<Status, std::string>> results) {
  Check check = check_of("a.rule", "h", Status::pass, Reason::observed, "m");
  const Finding first = check.results[0];
  check.results.clear();
  for (const auto& [status, waiver] : results) {
    check.results.push_back(first);
    check.results.back().status = status;
    check.results.back().waiver = waiver;
  }
  return check;
}

/// The lines of a body that are results: what they rest on is indented.
std::vector<std::string> results_of(const pugi::xml_node& element) {
  std::vector<std::string> lines;
  std::istringstream body(element.text().get());
  for (std::string line; std::getline(body, line);)
    if (!line.starts_with(' ') && !line.starts_with("Remediation: ")) lines.push_back(line);
  return lines;
}

std::uint64_t property(const pugi::xml_node& suite, std::string_view name) {
  for (const pugi::xml_node& one : suite.child("properties"))
    if (one.attribute("name").value() == name) return one.attribute("value").as_ullong();
  FAIL("no property " << name);
  return 0;
}

}  // namespace

TEST_CASE("a JUnit report that is read back has every check, its status and its waiver") {
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    INFO("seed " << seed);
    RunRecord record = random_record(seed);
    const pugi::xml_document document = junit_of(record);
    const pugi::xpath_node_set cases = document.select_nodes("//testcase");
    // Where there is no check, one case says so.
    REQUIRE(cases.size() == std::max<std::size_t>(record.checks.size(), 1));
    for (std::size_t i = 0; i < record.checks.size(); ++i) {
      const Check& check = record.checks.held()[i];
      const pugi::xml_node node = cases[i].node();
      CHECK(node.attribute("classname").value() == check.rule);
      CHECK(from_visible(node.attribute("name").value()) == check.target);
      const std::string element = element_of(node);
      if (element.empty()) {
        CHECK((check.status() == Status::pass || check.status() == Status::informational));
        continue;
      }
      const std::vector<std::string> lines = results_of(node.first_child());
      REQUIRE(lines.size() == check.results.size());
      for (std::size_t n = 0; n < lines.size(); ++n) {
        const Finding& result = check.results[n];
        CHECK(lines[n].starts_with(
            fmt::format("{} ({}), {}", name_of(result.status), name_of(result.reason), name_of(result.severity))));
        const std::string waived = fmt::format(" (waived by {})", result.waiver);
        CHECK(lines[n].ends_with(waived) == !result.waiver.empty());
      }
    }
  }
}

TEST_CASE("the suites of a JUnit report add up to the run's counts") {
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    INFO("seed " << seed);
    const RunRecord record = random_record(seed);
    const pugi::xml_document document = junit_of(record);
    Summary sum;
    for (const pugi::xml_node& suite : document.child("testsuites")) {
      std::map<std::string, std::uint64_t> elements;
      for (const pugi::xml_node& one : suite.children("testcase")) ++elements[element_of(one)];
      CHECK(suite.attribute("failures").as_ullong() == elements["failure"]);
      CHECK(suite.attribute("errors").as_ullong() == elements["error"]);
      CHECK(suite.attribute("skipped").as_ullong() == elements["skipped"]);
      sum.planned += suite.attribute("tests").as_ullong();
      for (const Status status : all_statuses)
        sum.checks[static_cast<std::size_t>(status)] += property(suite, name_of(status));
      sum.waived += property(suite, "waived");
    }
    CHECK(sum.planned == std::max<std::uint64_t>(record.summary.planned, 1));  // that nothing was planned is an error
    CHECK(sum.checks == record.summary.checks);
    CHECK(sum.waived == record.summary.waived);
  }
}

TEST_CASE("what was not seen is an error in JUnit, and a waiver hides nothing beside it") {
  CHECK(element_of(check_with({{Status::pass, ""}})) == "");
  CHECK(element_of(check_with({{Status::informational, ""}})) == "");
  CHECK(element_of(check_with({{Status::not_applicable, ""}})) == "skipped");
  CHECK(element_of(check_with({{Status::error, ""}})) == "error");
  CHECK(element_of(check_with({{Status::not_reviewed, ""}, {Status::pass, ""}})) == "error");
  CHECK(element_of(check_with({{Status::not_reviewed, "W-1"}, {Status::pass, ""}})) == "skipped");
  CHECK(element_of(check_with({{Status::fail, "W-1"}})) == "skipped");
  CHECK(element_of(check_with({{Status::fail, "W-1"}, {Status::fail, ""}})) == "failure");
  CHECK(element_of(check_with({{Status::fail, "W-1"}, {Status::error, ""}})) == "error");
  CHECK(element_of(check_with({{Status::fail, "W-1"}, {Status::not_reviewed, ""}})) == "error");
}

TEST_CASE("hostile bytes in every field of a JUnit report are no markup, and its names are never blank") {
  for (const std::string& bytes : {hostile_bytes(), std::string(), std::string("  "), std::string(1'000'000, '<')}) {
    const RunRecord record = hostile_record(bytes);
    const pugi::xml_document document = junit_of(record);
    CHECK(document.select_nodes("//testcase").size() == record.checks.size());
    CHECK(document.select_nodes("//script | //img | //comment()").empty());
    for (const pugi::xpath_node& one : document.select_nodes("//@name | //@classname | //@hostname"))
      CHECK(std::string(one.attribute().value()).find_first_not_of(' ') != std::string::npos);
  }
}

#include <catch2/catch.hpp>

#include <fmt/format.h>

#include "parsed_page.hpp"
#include "sample_record.hpp"
#include "written.hpp"

using namespace audit;
using namespace audit::report;

namespace {

/// A run whose first is `pass`, the next `fail` of 10 checks.
PastRun past_of(int day, std::uint64_t fail) {
  PastRun past{fmt::format("run-{}", day), WallTime(std::chrono::hours(24 * day)), 10, {}};
  past.checks[static_cast<std::size_t>(Status::pass)] = 10 - fail;
  past.checks[static_cast<std::size_t>(Status::fail)] = fail;
  return past;
}

RunRecord record_after(std::vector<PastRun> past) {
  RunRecord record;
  record.run.id = "now";
  record.run.complete = true;
  record.past = std::move(past);
  for (int i = 0; i < 4; ++i)
    add(record, check_of("a.rule", "h", i == 0 ? Status::error : Status::pass, Reason::observed, "m"));
  return record;
}

}  // namespace

TEST_CASE("without earlier runs there is no trend, and the page says so") {
  const ParsedPage page(record_after({}));
  CHECK(has(page.words("trend"), "there is no trend yet"));
  CHECK(page.count("//section[@id='trend']//svg") == 0);
}

TEST_CASE("the trend has a point and a row for each run, this one too") {
  const ParsedPage page(record_after({past_of(1, 5), past_of(2, 10)}));
  CHECK(page.count("//svg[@class='chart']") == 2);
  CHECK(page.count("//svg[@class='chart']//circle") == 3);
  CHECK(page.count("//section[@id='trend']//tbody/tr") == 3);
  CHECK(has(page.words("trend"), "this run"));
  std::vector<std::string> scores;
  for (const auto& cell : page.document.select_nodes("//section[@id='trend']//tbody/tr/td[2]"))
    scores.emplace_back(cell.node().text().get());
  CHECK(scores == std::vector<std::string>{"75.0 %", "0.0 %", "50.0 %"});
}

TEST_CASE("a better score lies higher, and bars are as high as their counts") {
  const ParsedPage page(record_after({past_of(1, 5), past_of(2, 10)}));
  const auto circles = page.document.select_nodes("//svg[@class='chart']//circle");
  const auto height = [&](std::size_t i) { return circles[i].node().attribute("cy").as_double(); };
  CHECK(height(2) < height(0));
  CHECK(height(0) < height(1));
  CHECK(height(1) - height(0) == Approx(70));
  const auto bars = page.document.select_nodes("//rect[@class='failed-bar']");
  REQUIRE(bars.size() == 3);
  CHECK(bars[0].node().attribute("height").as_double() == Approx(70));
  CHECK(bars[1].node().attribute("height").as_double() == Approx(140));
  CHECK(bars[2].node().attribute("height").as_double() == Approx(0));
  CHECK(page.document.select_nodes("//rect[@class='blind-bar']")[2].node().attribute("height").as_double() ==
        Approx(14));
}

TEST_CASE("a run that was cut short says so in the trend") {
  RunRecord record = record_after({past_of(1, 1)});
  record.run.complete = false;
  CHECK(has(ParsedPage(record).words("trend"), "this run, not complete"));
}

TEST_CASE("of many runs the last sixty are drawn, and the others are said") {
  std::vector<PastRun> past;
  for (int i = 0; i < 100; ++i) past.push_back(past_of(i, 1));
  const ParsedPage page(record_after(std::move(past)));
  CHECK(page.count("//svg[@class='chart']//circle") == 60);
  CHECK(page.count("//section[@id='trend']//tbody/tr") == 60);
  CHECK(has(page.words("trend"), "… and 41 earlier runs"));
}

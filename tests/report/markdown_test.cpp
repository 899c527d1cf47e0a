#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <set>
#include <sstream>

#include "hostile_record.hpp"
#include "random_record.hpp"
#include "report/markdown_text.hpp"
#include "written.hpp"

using namespace audit;
using namespace audit::report;

namespace {

using Row = std::vector<std::string>;

/// The rows of the table below a heading, without its head; a cell ends at a bar that is not escaped.
std::vector<Row> table_below(const std::string& text, const std::string& heading) {
  std::vector<Row> rows;
  const std::size_t at = text.find(heading);
  if (at == std::string::npos) return rows;
  std::istringstream lines(text.substr(text.find("\n|", at) + 1));
  for (std::string line; std::getline(lines, line) && line.starts_with('|');) {
    Row row;
    std::string cell;
    for (std::size_t i = 1; i < line.size(); ++i) {
      if (line[i] == '\\') {
        cell += line.at(++i);
      } else if (line[i] == '|') {
        row.push_back(cell.substr(1, cell.size() - 2));
        cell.clear();
      } else {
        cell += line[i];
      }
    }
    rows.push_back(row);
  }
  REQUIRE(rows.size() >= 2);
  rows.erase(rows.begin(), rows.begin() + 2);
  return rows;
}

}  // namespace

TEST_CASE("a Markdown report that is read back has the run's counts, and its failures with their waivers") {
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    INFO("seed " << seed);
    const RunRecord record = random_record(seed);
    const std::string text = written("markdown", record);
    Row counts{std::to_string(record.summary.planned)};
    for (const Status status : all_statuses) counts.push_back(std::to_string(record.summary.of(status)));
    CHECK(table_below(text, "\n") == std::vector<Row>{counts});
    std::multiset<std::string> failures;
    for (const Check& check : record.checks)
      for (const Finding& result : check.results)
        if (result.status == Status::fail)
          failures.insert(
              fmt::format("{} {} {} {}", name_of(result.severity), check.rule, result.endpoint, result.waiver));
    const std::vector<Row> rows = table_below(text, "### Failures");
    const std::size_t more = failures.size() - rows.size();
    if (more > 0) CHECK(text.find(fmt::format("… and {} more, in the full report.", more)) != std::string::npos);
    for (const Row& row : rows) {
      REQUIRE(row.size() == 6);
      CHECK(failures.count(fmt::format("{} {} {} {}", row[0], row[1], row[3], row[5])) > 0);
    }
  }
}

TEST_CASE("a Markdown report fits into a comment, whatever a run holds") {
  for (const std::string& bytes : {hostile_bytes(), std::string(1'000'000, '<'), std::string(1'000'000, '\xff')}) {
    const std::string text = written("markdown", hostile_record(bytes));
    CHECK(text.size() < 60'000);
    CHECK(printable(text));
    CHECK(text.find('<') == std::string::npos);
  }
  RunRecord many;
  for (int i = 0; i < 5'000; ++i)
    add(many, check_of("a.rule", fmt::format("h{}", i), static_cast<Status>(i % 6), Reason::observed, "message"));
  CHECK(written("markdown", many).size() < 60'000);
}

TEST_CASE("text in Markdown is neither markup nor the end of a cell, and a link only where it is one") {
  CHECK(markdown("<b> a|b *c* `d` [e](f) @g #1", 100) == "&lt;b\\> a\\|b \\*c\\* \\`d\\` \\[e\\]\\(f\\) \\@g \\#1");
  CHECK(markdown("a\nb", 100) == "a\\\\nb");
  CHECK(markdown("www.example.net", 100) == "www\\.example.net");
  CHECK(markdown_link("https://example.net/a?b=1", 100) == "<https://example.net/a?b=1>");
  CHECK(markdown_link("https://example.net/>x", 100) == "https\\://example.net/\\>x");
  CHECK(markdown_link("javascript:alert(1)", 100) == "javascript\\:alert\\(1\\)");
}

TEST_CASE("a Markdown report of nothing says that nothing was planned") {
  CHECK(written("markdown", RunRecord{}).starts_with("## Incomplete\\: nothing was planned"));
}

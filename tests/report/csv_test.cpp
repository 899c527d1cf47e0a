#include <catch2/catch.hpp>

#include <fmt/format.h>

#include "base/text.hpp"
#include "hostile_record.hpp"
#include "random_record.hpp"
#include "report/csv.hpp"
#include "written.hpp"

using namespace audit;
using namespace audit::report;

namespace {

using Row = std::vector<std::string>;

/// A file of RFC 4180, taken apart; the test fails where it is none.
std::vector<Row> rows_of(std::string_view text) {
  std::vector<Row> rows;
  Row row(1);
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
      row.back() += text[++i];
    } else if (c == '"') {
      REQUIRE((quoted || row.back().empty()));
      quoted = !quoted;
    } else if (quoted || (c != ',' && c != '\r')) {
      row.back() += c;
    } else if (c == ',') {
      row.emplace_back();
    } else {
      REQUIRE(text.substr(i, 2) == "\r\n");
      ++i;
      rows.push_back(std::exchange(row, Row(1)));
    }
  }
  REQUIRE((!quoted && row == Row(1)));
  return rows;
}

/// The bytes that a cell was written from.
std::string bytes_of(std::string_view cell) {
  if (cell.starts_with('\'')) cell.remove_prefix(1);
  return from_visible(cell);
}

std::size_t column(const std::vector<Row>& rows, std::string_view name) {
  const auto found = std::find(rows[0].begin(), rows[0].end(), name);
  REQUIRE(found != rows[0].end());
  return static_cast<std::size_t>(found - rows[0].begin());
}

}  // namespace

TEST_CASE("a CSV that is read back has every result of every check, and its waiver") {
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    INFO("seed " << seed);
    RunRecord record = random_record(seed);
    const std::vector<Row> rows = rows_of(written("csv", record));
    std::size_t at = 1;
    for (std::size_t i = 0; i < record.checks.size(); ++i) {
      for (const Finding& result : record.checks.held()[i].results) {
        REQUIRE(at < rows.size());
        const Row& row = rows[at++];
        const auto cell = [&](std::string_view name) { return bytes_of(row.at(column(rows, name))); };
        REQUIRE(row.size() == rows[0].size());
        CHECK(cell("check") == std::to_string(i + 1));
        CHECK(cell("rule") == record.checks.held()[i].rule);
        CHECK(cell("target") == record.checks.held()[i].target);
        CHECK(cell("endpoint") == result.endpoint);
        CHECK(cell("check_status") == name_of(record.checks.held()[i].status()));
        CHECK(cell("status") == name_of(result.status));
        CHECK(cell("reason") == name_of(result.reason));
        CHECK(cell("severity") == name_of(result.severity));
        CHECK(cell("waiver") == result.waiver);
        CHECK(cell("message") == result.message);
      }
    }
    CHECK(at == rows.size());
  }
}

TEST_CASE("no cell of a CSV is a formula, wherever a spreadsheet cuts its lines") {
  CHECK(formula_safe("=1+1") == "'=1+1");
  CHECK(formula_safe("+1") == "'+1");
  CHECK(formula_safe("-1") == "'-1");
  CHECK(formula_safe("@SUM(A1)") == "'@SUM(A1)");
  CHECK(formula_safe("  \"=1") == "'  \"=1");
  CHECK(formula_safe("＝1") == "'＝1");
  CHECK(formula_safe("'quoted") == "''quoted");
  CHECK(formula_safe("a=1; b") == "a=1; b");
  CHECK(formula_safe("a; \"=1;-2") == "a\\x3b \"=1\\x3b-2");
  CHECK(formula_safe("") == "");
}

TEST_CASE("hostile bytes in every field of a CSV end no cell and no line") {
  const RunRecord record = hostile_record(hostile_bytes());
  const std::string text = written("csv", record);
  const std::vector<Row> rows = rows_of(text);
  CHECK(rows.size() == record.checks.size() + 1);
  for (const Row& row : rows) {
    CHECK(row.size() == rows[0].size());
    for (const std::string& cell : row) {
      CHECK(printable(cell));
      CHECK(cell.find_first_of("=+-@\t\r\n") != 0);
    }
  }
  CHECK(bytes_of(rows[1][column(rows, "message")]) == hostile_bytes());
  for (const char* sign : {"=", "+", "-", "@"}) {
    const std::vector<Row> formulas = rows_of(written("csv", hostile_record(sign + std::string("1"))));
    CHECK(formulas[1][column(formulas, "target")] == fmt::format("'{}1", sign));
  }
}

TEST_CASE("a cell of a CSV is cut where no spreadsheet could hold it, and says so") {
  const std::vector<Row> rows = rows_of(written("csv", hostile_record(std::string(1'000'000, '\xff'))));
  for (const std::string& cell : rows[1]) CHECK(cell.size() <= 32'767);
  CHECK(rows[1][column(rows, "message")].find("bytes more)") != std::string::npos);
}

TEST_CASE("a CSV of nothing is its header") { CHECK(rows_of(written("csv", RunRecord{})).size() == 1); }

#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "base/text.hpp"
#include "report/layout.hpp"
#include "sample_record.hpp"
#include "written.hpp"

using namespace audit;
using namespace audit::report;

namespace {

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

std::size_t widest_line(const std::string& text) {
  std::istringstream lines(text);
  std::size_t widest = 0;
  for (std::string line; std::getline(lines, line);) widest = std::max(widest, columns(line));
  return widest;
}

RunRecord network(int hosts, int ports) {
  RunRecord record;
  for (int i = 0; i < hosts; ++i) {
    TargetRecord target;
    target.addresses = {*parse_address(fmt::format("10.0.{}.{}", i / 250, 1 + i % 250))};
    target.id = format_address(target.addresses[0]);
    target.life = TargetLife::alive;
    for (int port = 1; port <= ports; ++port)
      target.ports.push_back(
          {{target.addresses[0], static_cast<std::uint16_t>(port * 100), Transport::tcp}, Reason::open, ""});
    record.targets.push_back(std::move(target));
  }
  return record;
}

}  // namespace

TEST_CASE("the text fits its width") {
  for (const std::size_t width : {60, 80, 100, 132}) {
    CHECK(widest_line(written("text", sample_record(), {false, width})) <= width);
    CHECK(widest_line(written("text", network(100, 60), {false, width})) <= width);
  }
}

TEST_CASE("what the matrix leaves out is said") {
  const std::string text = written("text", network(45, 60), {false, 80});
  CHECK(has(text, "… 5 more hosts in the full report: 0 with failures, 5 with open ports"));
  CHECK(has(text, "… 49 more ports in the full report, 49 of them open somewhere"));
  CHECK(has(text, "10.0.0.40"));
  CHECK_FALSE(has(text, "10.0.0.41"));
}

TEST_CASE("failures beyond the first of a rule are counted") {
  RunRecord record;
  for (int i = 0; i < 20; ++i)
    add(record, check_of("a.rule", "host-" + std::to_string(i), Status::fail, Reason::observed, "so"));
  const std::string text = written("text", record);
  CHECK(has(text, "host-11: so"));
  CHECK_FALSE(has(text, "host-12: so"));
  CHECK(has(text, "… 8 more failures of this rule in the full report"));
}

TEST_CASE("what could not be judged is grouped by reason, with its meaning") {
  const std::string text = written("text", sample_record(), {false, 100});
  CHECK(has(text, "not_reviewed (unreachable): the host gave no sign of life"));
  CHECK(has(text, "5 rules: exposure.ftp-open,"));
  CHECK(has(text, "error (timeout): the deadline passed in mid-conversation"));
}

TEST_CASE("one message of several is called an example") {
  RunRecord record;
  add(record, check_of("a.rule", "h-1", Status::error, Reason::timeout, "nothing from h-1"));
  CHECK(has(written("text", record), "        nothing from h-1"));
  add(record, check_of("a.rule", "h-2", Status::error, Reason::timeout, "nothing from h-2"));
  CHECK(has(written("text", record), "        for example: nothing from h-1"));
  CHECK(has(written("html", record), "For example: nothing from h-1"));
}

TEST_CASE("of a traceback the terminal shows the first line, the page every line") {
  RunRecord record;
  const std::string message = "rules/a.lua:7: attempt to call a nil value\nstack traceback:\n\trules/a.lua:7";
  add(record, check_of("a.rule", "h", Status::error, Reason::rule_error, message));
  CHECK(has(written("text", record, {false, 200}), "rules/a.lua:7: attempt to call a nil value… (32 bytes more)\n"));
  CHECK(has(written("html", record), "a nil value\\n\nstack traceback:\\n\n\\trules/a.lua:7</p>"));
}

TEST_CASE("the summary shows its arithmetic") {
  const std::string text = written("text", sample_record(), {false, 100});
  CHECK(has(text, "planned 36 = pass 12 + fail 4 + error 1 + not_reviewed 11 + not_applicable 2 + informational 6\n"));
  CHECK(has(text, "score 42.9 % = pass 12 / (pass 12 + fail 4 + error 1 + not_reviewed 11)\n"));
  CHECK(has(text, "coverage 66.7 % = 24 of 36 judged (100 % required); 6 targets, 9 dark, 257 excluded\n"));
  CHECK(has(text, "\nIncomplete: "));
}

TEST_CASE("a host that gave no sign of life shows no states") {
  const std::string text = written("text", sample_record(), {false, 100});
  CHECK(has(text, "10.20.1.99                             no sign of life\n"));
  CHECK(has(text, "old-switch.example.net                 no address to ask\n"));
}

TEST_CASE("colours are there only where they are wanted, and say nothing that the words do not") {
  const std::string plain = written("text", sample_record(), {false, 100});
  std::string coloured = written("text", sample_record(), {true, 100});
  CHECK_FALSE(has(plain, "\x1b"));
  CHECK(has(coloured, "\x1b[1;31m"));
  for (std::size_t at = 0; (at = coloured.find('\x1b')) != std::string::npos;)
    coloured.erase(at, coloured.find('m', at) - at + 1);
  CHECK(coloured == plain);
}

TEST_CASE("long words are broken, wide characters counted") {
  std::ostringstream out;
  paragraph(out, {false, 24}, "- ", std::string(50, 'x'));
  CHECK(out.str() == "- " + std::string(22, 'x') + "\n  " + std::string(22, 'x') + "\n  " + std::string(6, 'x') + "\n");
  CHECK(clip("日本語日本語", 5) == "日本…");
  CHECK(clip("abc", 3) == "abc");
  CHECK(pad("日", 4) == "日  ");
}

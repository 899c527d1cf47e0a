#include "cli/rules_test_output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.hpp"
#include "cli/json_line.hpp"

namespace audit::cli {
namespace {

using trial::CaseResult;
using trial::Outcome;
using trial::Said;

constexpr std::size_t most_lines = 24;      // of a conversation
constexpr std::size_t longest_bytes = 160;  // of one line of it
constexpr std::size_t most_told = 3;        // generated cases of one kind, made from one case

std::string_view word_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::passed: return "passed";
    case Outcome::failed: return "failed";
    case Outcome::accepted: return "accepted";
  }
  return {};
}

std::string shown_event(const Said& one) {
  switch (one.what) {
    case Said::What::connected: return "connected";
    case Said::What::refused: return "refused";
    case Said::What::sent: return "> " + visible(one.bytes, longest_bytes);
    case Said::What::received: return "< " + visible(one.bytes, longest_bytes);
    case Said::What::closed: return "closed by the peer";
    case Said::What::reset: return "reset by the peer";
    case Said::What::waited_in_vain: return "nothing came in time";
    case Said::What::handshake: return "TLS handshake";
  }
  return {};
}

std::string place_of(const trial::SuiteResult& suite, const CaseResult& result) {
  if (result.line == 0 || suite.test_path.empty()) return visible(suite.rule_path);
  return fmt::format("{}:{}", visible(suite.test_path), result.line);
}

/// "3, 7-9".
std::string ranges_of(const std::vector<std::uint32_t>& lines) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < lines.size();) {
    std::size_t last = i;
    while (last + 1 < lines.size() && lines[last + 1] == lines[last] + 1) ++last;
    parts.push_back(last == i ? std::to_string(lines[i]) : fmt::format("{}-{}", lines[i], lines[last]));
    i = last + 1;
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

void print_conversation(const CaseResult& result) {
  const std::vector<std::string> lines = shown_conversation(result);
  for (const std::string& line : lines) fmt::print("    {}\n", line);
  if (lines.empty()) fmt::print("    nothing was said: no conversation began\n");
}

void print_case(const trial::SuiteResult& suite, const CaseResult& result) {
  const std::string what = result.kind.empty()   ? visible(result.name)
                           : result.name.empty() ? result.how
                                                 : fmt::format("{} [{}]", visible(result.name), visible(result.how));
  fmt::print("  {}  {}: {}\n", result.outcome == Outcome::accepted ? "accepted" : "FAILED", place_of(suite, result),
             what);
  if (result.outcome == Outcome::accepted) {
    fmt::print("    ends as {}: {}\n", result.verdict, visible(result.why));
    return;
  }
  for (const trial::Difference& one : result.differences)
    fmt::print("    - {0:<10} {1}\n    + {0:<10} {2}\n", one.field, one.expected, one.seen);
  if (!result.kind.empty()) fmt::print("    ends as {}\n    {}\n", result.verdict, visible(result.why));
  print_conversation(result);
}

Value json_of(const trial::SuiteResult& suite, const CaseResult& result) {
  Value::Object object;
  object["case"] = result.name;
  object["file"] = suite.test_path.empty() ? suite.rule_path : suite.test_path;
  object["generated"] = result.kind;
  object["how"] = result.how;
  object["line"] = static_cast<std::int64_t>(result.line);
  object["outcome"] = std::string(word_of(result.outcome));
  object["rule"] = suite.rule;
  object["verdict"] = result.verdict;
  object["why"] = result.why;
  Value::Array differences;
  for (const trial::Difference& one : result.differences) {
    Value::Object difference;
    difference["expected"] = one.expected;
    difference["field"] = one.field;
    difference["seen"] = one.seen;
    differences.emplace_back(std::move(difference));
  }
  object["differences"] = std::move(differences);
  Value::Array lines;
  if (result.outcome == Outcome::failed)
    for (const std::string& line : shown_conversation(result)) lines.emplace_back(line);
  object["conversation"] = std::move(lines);
  return object;
}

}  // namespace

void TestCounts::add(const trial::SuiteResult& suite) {
  ++rules;
  if (suite.test_path.empty()) ++untested;
  for (const CaseResult& one : suite.results) {
    if (!one.kind.empty()) continue;
    ++cases;
    if (one.outcome == Outcome::failed) ++failed;
  }
  for (const auto& [of, tally] : suite.generated) {
    generated += tally.run;
    generated_failed += tally.failed;
    accepted += tally.accepted;
  }
  left_out += suite.left_out;
  lines += suite.lines;
  uncovered += suite.uncovered.size();
  below_coverage += suite.below_coverage ? 1 : 0;
  skipped += suite.skipped;
  ports_left_out += suite.ports_left_out;
}

std::vector<std::string> shown_conversation(const CaseResult& result) {
  std::vector<std::string> lines;
  std::optional<Endpoint> peer;
  std::size_t count = 0;
  for (const Said& one : result.said) {
    if (++count > most_lines) continue;
    if (peer != one.peer) lines.push_back(fmt::format("conversation with {}", format_endpoint(one.peer)));
    peer = one.peer;
    lines.push_back(fmt::format("{:>9.3f} s  {}", seconds(one.when - result.began), shown_event(one)));
  }
  if (count > most_lines) lines.push_back(fmt::format("… {} more", counted(count - most_lines, "line")));
  return lines;
}

void print_suite(const trial::SuiteResult& suite, bool lines) {
  TestCounts counts;
  counts.add(suite);
  fmt::print("{} {:<28} {}, {} generated{}, {:.0f}% of lines\n", suite.good() ? "ok    " : "FAILED",
             visible(suite.rule), suite.test_path.empty() ? std::string("no test") : counted(counts.cases, "case"),
             counts.generated, counts.accepted != 0 ? fmt::format(", {} accepted", counts.accepted) : "",
             std::floor(suite.coverage()));
  if (lines && !suite.uncovered.empty())
    fmt::print("  {}  {}: no case runs {} {}\n", suite.below_coverage ? "FAILED" : "told", visible(suite.rule_path),
               suite.uncovered.size() == 1 ? "line" : "lines", ranges_of(suite.uncovered));
  std::map<std::tuple<std::string, std::string, Outcome>, std::size_t> told;
  for (const CaseResult& one : suite.results) {
    if (one.outcome == Outcome::passed) continue;
    if (!one.kind.empty() && ++told[{one.name, one.kind, one.outcome}] > most_told) continue;
    print_case(suite, one);
  }
  for (const auto& [of, count] : told)
    if (count > most_told)
      fmt::print("  {} more `{}` of \"{}\" {}\n", count - most_told, std::get<1>(of), visible(std::get<0>(of)),
                 std::get<2>(of) == Outcome::accepted ? "accepted" : "FAILED");
}

void print_suite_json(const trial::SuiteResult& suite) {
  for (const CaseResult& one : suite.results) print_line(json_of(suite, one));
  for (const auto& [of, tally] : suite.generated) {
    Value::Object object;
    object["accepted"] = static_cast<std::int64_t>(tally.accepted);
    object["case"] = of.first;
    object["failed"] = static_cast<std::int64_t>(tally.failed);
    object["generated"] = of.second;
    object["rule"] = suite.rule;
    object["run"] = static_cast<std::int64_t>(tally.run);
    print_line(object);
  }
  Value::Object object;
  object["coverage"] = suite.coverage();
  object["good"] = suite.good();
  object["left_out"] = static_cast<std::int64_t>(suite.left_out);
  object["lines"] = static_cast<std::int64_t>(suite.lines);
  object["rule"] = suite.rule;
  object["seconds"] = suite.seconds;
  Value::Array uncovered;
  for (const std::uint32_t line : suite.uncovered) uncovered.emplace_back(static_cast<std::int64_t>(line));
  object["uncovered"] = std::move(uncovered);
  print_line(object);
}

std::string summary_of(const TestCounts& counts, const std::optional<double>& coverage) {
  std::string text = fmt::format("{}: {}, {} failed; {} generated, {} failed, {} accepted",
                                 counted(counts.rules, "rule"), counted(counts.cases, "case"), counts.failed,
                                 counts.generated, counts.generated_failed, counts.accepted);
  text += fmt::format("; {} of {} run by cases", counts.lines - counts.uncovered, counted(counts.lines, "line"));
  if (counts.below_coverage != 0 && coverage)
    text += fmt::format(", {} below {}%", counted(counts.below_coverage, "rule"), *coverage);
  if (counts.wrong != 0)
    text += fmt::format("; {} wrong, of which nothing was run", counted(counts.wrong, "test is", "tests are"));
  if (counts.left_out != 0) text += fmt::format("; {} more left out by the caps", counts.left_out);
  if (counts.ports_left_out != 0)
    text += fmt::format("; {} of rules without cases not opened", counted(counts.ports_left_out, "port"));
  if (counts.skipped != 0)
    text +=
        fmt::format("; from {} none were generated (it failed, or is a transcript)", counted(counts.skipped, "case"));
  if (counts.untested != 0)
    text += fmt::format("; {} no test of {} own", counted(counts.untested, "rule has", "rules have"),
                        counts.untested == 1 ? "its" : "their");
  return text;
}

}  // namespace audit::cli

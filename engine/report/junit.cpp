#include "report/junit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <unordered_map>

#include "base/utf8.hpp"
#include "report/evidence.hpp"
#include "report/shown.hpp"
#include "report/verdict.hpp"
#include "report/xml_stream.hpp"

namespace audit::report {
namespace {

constexpr std::size_t longest_name = 1'000;
constexpr std::size_t longest_message = 2'000;
constexpr std::size_t longest_evidence = 300;
constexpr std::size_t most_results = 50;

enum class Outcome : std::uint8_t { passed, failure, error, skipped };

struct Ending {
  Outcome outcome;
  const Finding* decided_by;
};

/// What of a check still counts: a waiver takes a failure away, or a host that is known to be away, and nothing else.
Ending ending_of(const Check& check) {
  const Finding* worst = nullptr;
  for (const Finding& result : check.results)
    if (result.waiver.empty() && (worst == nullptr || precedence(result.status) < precedence(worst->status)))
      worst = &result;
  if (worst != nullptr && worst->status == Status::fail) return {Outcome::failure, worst};
  if (worst != nullptr && (worst->status == Status::error || worst->status == Status::not_reviewed))
    return {Outcome::error, worst};
  const Finding& foremost = check.foremost();
  const bool answered = foremost.status == Status::pass || foremost.status == Status::informational;
  return {answered ? Outcome::passed : Outcome::skipped, &foremost};
}

/// A name that XML's whitespace rules leave something of.
std::string name_text(std::string_view bytes) {
  return has_visible(bytes) ? shown(bytes, longest_name) : std::string("(blank)");
}

std::string line_of(const Finding& result) {
  std::string text =
      fmt::format("{} ({}), {}", name_of(result.status), name_of(result.reason), name_of(result.severity));
  if (!result.endpoint.empty()) text += ", " + shown(result.endpoint, longest_name);
  if (!result.key.empty()) text += fmt::format(" [{}]", shown(result.key, longest_name));
  text += ": " + shown(result.message, longest_message);
  if (!result.waiver.empty()) text += fmt::format(" (waived by {})", shown(result.waiver, longest_name));
  return text;
}

class Suites {
 public:
  Suites(const RunRecord& record, std::ostream& out) : record_(record), xml_(out) {
    for (const RuleRecord& rule : record.rules) rules_.emplace(rule.id, &rule);
    started_ = format_utc(record.run.started).substr(0, std::string_view("2026-11-20T22:04:05").size());
  }

  void write() {
    xml_.open("testsuites");
    record_.checks.by_target(Detail::all, [&](std::span<const Check> checks) { put_suite(checks); });
    if (record_.summary.planned == 0) put_nothing();
    xml_.finish();
  }

 private:
  void put_suite(std::span<const Check> checks) {
    std::array<std::uint64_t, 4> outcomes{};
    for (const Check& check : checks) ++outcomes[static_cast<std::size_t>(ending_of(check).outcome)];
    const auto count = [&](Outcome outcome) { return outcomes[static_cast<std::size_t>(outcome)]; };
    begin_suite(name_text(checks[0].target), checks.size(), count(Outcome::failure), count(Outcome::error),
                count(Outcome::skipped));
    put_properties(checks);
    for (const Check& check : checks) put_case(check);
    xml_.leaf("system-out", remarks_in(checks));
    xml_.leaf("system-err", verdict_.tone == Tone::incomplete ? verdict_.headline : std::string());
    xml_.close();
  }

  void begin_suite(std::string_view name, std::uint64_t tests, std::uint64_t failures, std::uint64_t errors,
                   std::uint64_t skipped) {
    xml_.open("testsuite");
    xml_.attribute("name", name);
    xml_.attribute("package", "audit");
    xml_.attribute("id", next_id_++);
    xml_.attribute("hostname", name_text(record_.run.vantage.host));
    xml_.attribute("timestamp", started_);
    xml_.attribute("time", std::uint64_t{0});
    xml_.attribute("tests", tests);
    xml_.attribute("failures", failures);
    xml_.attribute("errors", errors);
    xml_.attribute("skipped", skipped);
  }

  /// Where nothing was planned, nothing was seen: no file that a reader would take for a success.
  void put_nothing() {
    begin_suite("audit", 1, 0, 1, 0);
    put_properties({});
    xml_.open("testcase");
    xml_.attribute("classname", "audit");
    xml_.attribute("name", "a check is planned");
    xml_.attribute("time", std::uint64_t{0});
    xml_.open("error");
    xml_.attribute("type", "nothing_planned");
    xml_.attribute("message", verdict_.headline);
    xml_.text(verdict_.detail);
    xml_.close();
    xml_.close();
    xml_.leaf("system-out", "");
    xml_.leaf("system-err", verdict_.headline);
    xml_.close();
  }

  void put_property(std::string_view name, std::string_view visible) {
    xml_.open("property");
    xml_.attribute("name", name);
    xml_.attribute("value", visible);
    xml_.close();
  }

  void put_properties(std::span<const Check> checks) {
    Summary counts;
    for (const Check& check : checks) counts.count(check);
    xml_.open("properties");
    put_property("run", shown(record_.run.id, longest_name));
    put_property("complete", record_.run.complete ? "true" : "false");
    for (const Status status : all_statuses) put_property(name_of(status), fmt::format_int(counts.of(status)).c_str());
    put_property("waived", fmt::format_int(counts.waived).c_str());
    xml_.close();
  }

  void put_case(const Check& check) {
    const auto [outcome, decided_by] = ending_of(check);
    xml_.open("testcase");
    xml_.attribute("classname", name_text(check.rule));
    xml_.attribute("name", name_text(check.target));
    xml_.attribute("time", std::uint64_t{0});
    if (outcome == Outcome::skipped) {
      xml_.open("skipped");
    } else if (outcome != Outcome::passed) {
      xml_.open(outcome == Outcome::failure ? "failure" : "error");
      xml_.attribute("type", outcome == Outcome::failure ? name_of(decided_by->severity) : name_of(decided_by->reason));
    }
    if (outcome != Outcome::passed) {
      xml_.attribute("message", line_of(*decided_by));
      xml_.text(told(check));
      xml_.close();
    }
    xml_.close();
  }

  /// Every result with what it rests on, and what to do.
  std::string told(const Check& check) {
    std::string text;
    for (std::size_t i = 0; i < std::min(check.results.size(), most_results); ++i) {
      const Finding& result = check.results[i];
      text += line_of(result) + '\n';
      const Evidence* telling = most_telling(result);
      if (telling != nullptr) text += "  " + report::line_of(*telling, longest_evidence) + '\n';
    }
    if (check.results.size() > most_results)
      text += fmt::format("… {} more, in the JSON report\n", check.results.size() - most_results);
    const auto rule = rules_.find(check.rule);
    if (rule != rules_.end() && !rule->second->remediation.empty())
      text += "Remediation: " + prose(rule->second->remediation, longest_message) + '\n';
    return text;
  }

  static std::string remarks_in(std::span<const Check> checks) {
    std::string text;
    for (const Check& check : checks)
      for (const Finding& result : check.results)
        if (result.status == Status::informational)
          text += fmt::format("{}: {}\n", shown(check.rule, longest_name), shown(result.message, longest_message));
    return text;
  }

  const RunRecord& record_;
  XmlStream xml_;
  std::unordered_map<std::string_view, const RuleRecord*> rules_;
  Verdict verdict_ = verdict_of(record_);
  std::string started_;
  std::uint64_t next_id_ = 0;
};

}  // namespace

void write_junit(const RunRecord& record, const Style&, std::ostream& out) { Suites(record, out).write(); }

}  // namespace audit::report

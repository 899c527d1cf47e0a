#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <ostream>

#include "base/text.hpp"
#include "report/evidence.hpp"
#include "report/groups.hpp"
#include "report/layout.hpp"
#include "report/shown.hpp"
#include "report/text_sections.hpp"

namespace audit::report {
namespace {

constexpr std::size_t most_per_rule = 12;
constexpr std::size_t most_findings = 200;
constexpr std::size_t most_remarks = 8;
constexpr std::size_t longest_name = 60;
constexpr std::size_t longest_message = 300;
constexpr std::size_t longest_evidence = 160;

Ink ink_of(Severity severity) {
  switch (severity) {
    case Severity::critical:
    case Severity::high: return Ink::loud;
    case Severity::medium: return Ink::bad;
    case Severity::low: return Ink::warn;
    case Severity::info: return Ink::plain;
  }
  return Ink::plain;
}

std::string upper(std::string_view word) {
  std::string text(word);
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

/// Where a finding is: its endpoint, which names the address, or only the target; the target too where it is a name.
std::string place_of(const Failure& failure) {
  const std::string target = shown(failure.target, longest_name);
  if (failure.finding.endpoint.empty()) return target;
  const std::string endpoint = shown(failure.finding.endpoint, 2 * longest_name);
  return endpoint.find(target) != std::string::npos ? endpoint : fmt::format("{} {}", target, endpoint);
}

void write_finding(const Failure& failure, const Style& style, std::ostream& out) {
  const Finding& finding = failure.finding;
  paragraph(out, style, "  - ",
            fmt::format("{}: {}{}", place_of(failure), shown(finding.message, longest_message),
                        failure.first_seen ? fmt::format(" (since {})", day_of(*failure.first_seen)) : ""));
  if (!finding.waiver.empty())
    paragraph(out, style, "      ", "waived by " + shown(finding.waiver, longest_name), Ink::warn);
  if (const Evidence* evidence = most_telling(finding); evidence != nullptr)
    paragraph(out, style, "      ", line_of(*evidence, longest_evidence), Ink::faint);
}

void write_rule(const RuleFailures& group, Severity severity, std::size_t& room, const Style& style,
                std::ostream& out) {
  const std::string id = shown(group.id, longest_name);
  const std::string title =
      group.rule == nullptr ? id : fmt::format("expected: {} ({})", prose(group.rule->title, longest_message), id);
  out << '\n';
  paragraph(out, style, upper(name_of(severity)) + "  ", title, Ink::strong, ink_of(severity));
  const std::size_t shown_here = std::min({group.first.size(), most_per_rule, room});
  room -= shown_here;
  for (std::size_t i = 0; i < shown_here; ++i) write_finding(group.first[i], style, out);
  if (shown_here < group.count)
    paragraph(out, style, "  … ",
              fmt::format("{} of this rule in the full report", counted(group.count - shown_here, "more failure")));
  if (group.rule != nullptr && !group.rule->remediation.empty())
    paragraph(out, style, "  → ", prose(group.rule->remediation, 2 * longest_message));
}

}  // namespace

void write_failures(const RunRecord& record, const Style& style, std::ostream& out) {
  const auto groups = failures_by_severity(record);
  if (groups.empty()) return;
  std::string counts;
  for (const SeverityFailures& group : groups)
    counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ", group.count, name_of(group.severity));
  heading(out, style, fmt::format("FAILURES ({})", counts));
  std::size_t room = most_findings;
  for (const SeverityFailures& group : groups)
    for (const RuleFailures& rule : group.rules) write_rule(rule, group.severity, room, style, out);
}

void write_remarks(const RunRecord& record, const Style& style, std::ostream& out) {
  const auto [groups, others] = remarks(record);
  if (groups.empty()) return;
  heading(out, style, "FOR INFORMATION");
  std::string_view rule;
  std::size_t written = 0;
  std::size_t left = 0;
  const auto say_left = [&] {
    if (left > 0) paragraph(out, style, "    … ", fmt::format("{} in the full report", counted(left, "other message")));
    left = 0;
  };
  for (const Remark& remark : groups) {
    if (remark.rule != rule || written == 0) {
      say_left();
      rule = remark.rule;
      written = 0;
      out << "  " << paint(style, Ink::strong, shown(rule, longest_name)) << '\n';
    }
    if (++written > most_remarks) {
      ++left;
      continue;
    }
    paragraph(out, style, "    ", fmt::format("{}: {}", shown(remark.message, 120), examples(remark.targets, 4)));
  }
  left += others;
  say_left();
}

}  // namespace audit::report

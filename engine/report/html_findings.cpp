#include <algorithm>
#include <set>
#include <string>

#include "base/text.hpp"
#include "report/groups.hpp"
#include "report/html_sections.hpp"
#include "report/lookup.hpp"
#include "report/shown.hpp"

namespace audit::report {
namespace {

constexpr std::size_t most_findings = 900;
constexpr std::uint64_t most_open = 60;  // with more failures than this, evidence is folded away at first
constexpr std::size_t most_remarks = 200;
constexpr std::size_t most_examples = 24;
constexpr std::size_t most_controls = 40;
constexpr std::size_t longest_prose = 4000;

void write_references(const RuleRecord& rule, Page& page) {
  if (rule.references.empty()) return;
  page << "<dt>References</dt><dd><ul>";
  for (const std::string& reference : rule.references) {
    page << "<li>";
    write_reference(reference, page);
    page << "</li>";
  }
  page << "</ul></dd>\n";
}

/// "NIST-800-53: CM-7, SC-8"
void write_controls_of(const Lookup::ControlIds& controls, Page& page) {
  if (controls.empty()) return;
  page << "<dt>Controls</dt><dd><ul>";
  for (const auto& [framework, ids] : controls)
    page << "<li><a href=\"#controls\">" << text(framework, 80)
         << "</a>: " << ready(examples({ids.begin(), ids.end()}, most_controls)) << "</li>";
  page << "</ul></dd>\n";
}

void write_about(const RuleRecord& rule, const Lookup& lookup, Page& page) {
  page << "<dl class=\"about\">\n";
  if (!rule.rationale.empty())
    page << "<dt>Why it matters</dt><dd>" << ready(prose(rule.rationale, longest_prose)) << "</dd>\n";
  if (!rule.remediation.empty())
    page << "<dt>What to do</dt><dd>" << ready(prose(rule.remediation, longest_prose)) << "</dd>\n";
  write_references(rule, page);
  write_controls_of(lookup.controls(rule.id), page);
  page << "</dl>\n";
}

void write_finding(const Failure& failure, bool open, Page& page) {
  const Finding& finding = failure.finding;
  const std::string id = page.anchor(failure.fingerprint);
  page << "<li class=\"finding\" id=\"" << ready(id) << "\">\n<p class=\"place\"><a class=\"self\" href=\"#"
       << ready(id) << "\"><b>" << text(failure.target, 200) << "</b></a>";
  if (!finding.endpoint.empty()) page << " <code>" << text(finding.endpoint, 200) << "</code>";
  if (finding.endpoint.find(finding.key) == std::string::npos)
    page << " <span class=\"key\">" << text(finding.key, 200) << "</span>";
  page << "</p>\n<p class=\"message\"><span class=\"label\">Seen: </span>" << ready(shown_lines(finding.message, 2000))
       << "</p>\n";
  if (failure.first_seen)
    page << "<p class=\"facts\">Since <time datetime=\"" << ready(format_utc(*failure.first_seen)) << "\">"
         << ready(day_of(*failure.first_seen)) << "</time></p>\n";
  if (!finding.waiver.empty())
    page << "<p class=\"waived\">Waived by <a href=\"#waivers\">" << text(finding.waiver, 300) << "</a></p>\n";
  write_evidence(finding, open, page);
  page << "</li>\n";
}

/// How many failures of a rule the page shows; takes them from what there is `room` for.
std::size_t shown_of(const RuleFailures& group, std::size_t& room) {
  const std::size_t count = std::min(group.first.size(), room);
  room -= count;
  return count;
}

/// One rule's failures of one severity, the first `count` of them.
void write_rule(const RuleFailures& group, Severity severity, std::size_t count, bool open, const Lookup& lookup,
                Page& page) {
  page << "<article>\n<h4>";
  write_severity(severity, page);
  page << " " << (group.rule == nullptr ? text(group.id) : ready("Expected: " + prose(group.rule->title, 400)))
       << " <code>" << text(group.id, 200) << "</code></h4>\n";
  if (group.rule != nullptr) write_about(*group.rule, lookup, page);
  page << "<ul class=\"findings\">\n";
  for (std::size_t i = 0; i < count; ++i) write_finding(group.first[i], open, page);
  if (count < group.count) {
    page << "<li class=\"finding\">";
    write_left_out(group.count - count, "failures of this rule", page);
    page << "</li>\n";
  }
  page << "</ul>\n</article>\n";
}

}  // namespace

std::set<std::string> findings_on_page(const RunRecord& record) {
  std::set<std::string> fingerprints;
  std::size_t room = most_findings;
  for (const SeverityFailures& group : failures_by_severity(record))
    for (const RuleFailures& rule : group.rules)
      for (std::size_t i = 0, count = shown_of(rule, room); i < count; ++i)
        fingerprints.insert(rule.first[i].fingerprint);
  return fingerprints;
}

void write_findings(const RunRecord& record, Page& page) {
  page << "<section id=\"findings\">\n<h2>Findings</h2>\n";
  const auto groups = failures_by_severity(record);
  if (groups.empty()) page << "<p>No check failed.</p>\n";
  const bool open = record.summary.results[static_cast<std::size_t>(Status::fail)] <= most_open;
  const Lookup lookup(record);
  std::size_t room = most_findings;
  for (const SeverityFailures& group : groups) {
    page << "<h3>" << ready(counted(group.count, "failure")) << " of severity " << text(name_of(group.severity))
         << "</h3>\n";
    for (const RuleFailures& rule : group.rules)
      write_rule(rule, group.severity, shown_of(rule, room), open, lookup, page);
  }
  page << "</section>\n";
}

void write_information(const RunRecord& record, Page& page) {
  page << "<section id=\"information\">\n<h2>For information</h2>\n";
  const auto [groups, others] = remarks(record);
  if (groups.empty()) {
    page << "<p>No rule had anything to add.</p>\n</section>\n";
    return;
  }
  page << "<div class=\"scroll\" role=\"region\" aria-label=\"Informational results\" "
          "tabindex=\"0\"><table class=\"stack remarks\">\n<thead><tr>"
       << "<th scope=\"col\">Rule</th><th scope=\"col\">What was seen</th><th scope=\"col\" class=\"n\">Targets</th>"
       << "<th scope=\"col\">Which</th></tr></thead>\n<tbody>\n";
  for (std::size_t i = 0; i < std::min(groups.size(), most_remarks); ++i) {
    const Remark& remark = groups[i];
    page << "<tr><td><code>" << text(remark.rule, 200) << "</code></td><td>" << text(remark.message, 400)
         << "</td><td class=\"n\">" << number(remark.targets.count()) << "</td><td>"
         << ready(examples(remark.targets, most_examples)) << "</td></tr>\n";
  }
  page << "</tbody></table></div>\n";
  if (groups.size() > most_remarks)
    write_left_out(groups.size() - most_remarks + others, "observations of this kind", page);
  page << "</section>\n";
}

}  // namespace audit::report

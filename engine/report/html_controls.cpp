#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "report/html_sections.hpp"
#include "report/shown.hpp"

namespace audit::report {
namespace {

constexpr std::size_t most_controls = 400;
constexpr std::size_t most_rules = 40;
constexpr std::size_t longest_text = 300;

/// The state in words, with a sign of its own: colour says nothing more.
void write_state(ControlState state, Page& page) {
  switch (state) {
    case ControlState::not_satisfied: page << "<span class=\"control unmet\">not satisfied</span>"; break;
    case ControlState::risk_accepted: page << "<span class=\"control accepted\">risk accepted</span>"; break;
    case ControlState::satisfied: page << "<span class=\"control met\">satisfied</span>"; break;
    case ControlState::attested: page << "<span class=\"control attested\">attested</span>"; break;
    case ControlState::partial_evidence: page << "<span class=\"control some\">partial evidence</span>"; break;
    case ControlState::not_reviewed: page << "<span class=\"control unknown-control\">not reviewed</span>"; break;
    case ControlState::no_evidence: page << "<span class=\"control unknown-control\">no evidence</span>"; break;
    case ControlState::not_covered: page << "<span class=\"control bare\">not covered</span>"; break;
  }
}

void write_mapped(const ControlAssessment::Mapped& mapped, Page& page) {
  const RuleOutcome& outcome = mapped.outcome;
  page << "<li><code>" << text(mapped.mapping.rule, 200) << "</code> " << text(name_of(mapped.mapping.supports)) << ": "
       << ready(prose(mapped.mapping.why, longest_text)) << "<br/><span class=\"facts\">";
  if (!outcome.selected) {
    page << "not asked in this run";
  } else {
    page << number(outcome.of(Status::pass)) << " pass, " << number(outcome.of(Status::fail)) << " fail, "
         << number(outcome.blind()) << " not judged, " << number(outcome.of(Status::not_applicable))
         << " not applicable, " << number(outcome.of(Status::informational)) << " informational";
    if (outcome.waived > 0)
      page << "; " << number(outcome.waived) << " of " << number(outcome.failures) << " failures waived";
  }
  for (const LeftOut& part : outcome.left_out) page << "; " << text(words_of(part), longest_text);
  page << "</span></li>";
}

void write_answer(const ControlAnswer& answer, Page& page) {
  page << "<br/><span class=\"facts\">Answered by " << text(answer.by, 120) << " on " << text(answer.date, 40) << ": "
       << text(answer.status, 80) << ", valid until " << text(answer.valid_until, 40)
       << (answer.current ? Markup("") : Markup(" (run out)")) << ". " << ready(prose(answer.evidence, longest_text))
       << "</span>";
}

void write_control(const ControlAssessment& control, Page& page) {
  page << "<tr><th scope=\"row\"><strong>" << text(control.id, 64) << "</strong> "
       << ready(prose(control.title, longest_text)) << "</th><td>";
  write_state(control.state, page);
  page << "</td><td>" << ready(prose(control.why, 2 * longest_text));
  if (control.answer) write_answer(*control.answer, page);
  page << "</td><td>";
  if (!control.rules.empty()) {
    page << "<ul>";
    for (std::size_t i = 0; i < std::min(control.rules.size(), most_rules); ++i) write_mapped(control.rules[i], page);
    page << "</ul>";
    if (control.rules.size() > most_rules) write_left_out(control.rules.size() - most_rules, "rules", page);
  }
  page << "</td></tr>\n";
}

void write_counts(const FrameworkAssessment& framework, Page& page) {
  const auto counts = framework.counts();
  page << "<p>" << number(framework.controls.size()) << " controls: ";
  bool first = true;
  for (const ControlState state : all_control_states) {
    page << (first ? Markup("") : Markup(", ")) << number(counts[static_cast<std::size_t>(state)]) << " "
         << text(words_of(state));
    first = false;
  }
  page << ".</p>\n";
}

/// The ones that no rule bears on: a list, not a row each.
void write_uncovered(const FrameworkAssessment& framework, Page& page) {
  const std::uint64_t all = framework.counts()[static_cast<std::size_t>(ControlState::not_covered)];
  if (all == 0) return;
  page << "<details><summary><span class=\"control bare\">not covered</span>: " << number(all)
       << " on which no rule bears</summary>\n<ul>";
  std::size_t written = 0;
  for (const ControlAssessment& control : framework.controls) {
    if (control.state != ControlState::not_covered) continue;
    if (written++ == most_controls) break;
    page << "<li><strong>" << text(control.id, 64) << "</strong> " << ready(prose(control.title, longest_text))
         << "</li>";
  }
  page << "</ul></details>\n";
  if (all > most_controls) write_left_out(all - most_controls, "controls", page);
}

void write_framework(const FrameworkAssessment& framework, Page& page) {
  page << "<h3>" << text(framework.id, 64) << "</h3>\n<p>" << text(framework.title);
  if (!framework.version.empty()) page << ", " << text(framework.version);
  if (!framework.url.empty()) {
    page << ": ";
    write_reference(framework.url, page);
  }
  page << "</p>\n";
  if (!framework.note.empty()) page << "<p class=\"facts\">" << ready(prose(framework.note, longest_text)) << "</p>\n";
  write_counts(framework, page);
  const std::uint64_t uncovered = framework.counts()[static_cast<std::size_t>(ControlState::not_covered)];
  if (uncovered < framework.controls.size()) {
    page
        << "<div class=\"scroll\" role=\"region\" aria-label=\"Controls of " << text(framework.id, 64)
        << "\" tabindex=\"0\"><table class=\"stack controls\">\n<thead><tr><th scope=\"col\">Control</th>"
        << "<th scope=\"col\">State</th><th scope=\"col\">Why</th><th scope=\"col\">Rules behind it</th></tr></thead>\n"
        << "<tbody>\n";
    std::size_t written = 0;
    for (const ControlAssessment& control : framework.controls)
      if (control.state != ControlState::not_covered && written++ < most_controls) write_control(control, page);
    page << "</tbody></table></div>\n";
    if (written > most_controls) write_left_out(written - most_controls, "controls", page);
  }
  write_uncovered(framework, page);
}

}  // namespace

void write_controls(const RunRecord& record, Page& page) {
  page << "<section id=\"controls\">\n<h2>Controls</h2>\n";
  if (record.frameworks.empty()) {
    page << "<p>The run was not held against any catalogue of controls.</p>\n</section>\n";
    return;
  }
  page << "<p>What this run says of the controls of a catalogue. A "
          "control with any failure is not satisfied, where every failure is waived its risk is accepted; it is "
          "satisfied "
          "only by rules that speak for all of it, where everything was judged; otherwise there is partial evidence at "
          "most. Attested is what a person answered for.</p>\n";
  for (const FrameworkAssessment& framework : record.frameworks) write_framework(framework, page);
  page << "</section>\n";
}

}  // namespace audit::report

#include <fmt/format.h>

#include <algorithm>
#include <ostream>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "report/groups.hpp"
#include "report/layout.hpp"
#include "report/shown.hpp"
#include "report/text_sections.hpp"

namespace audit::report {
namespace {

constexpr std::size_t word_column = 20;
constexpr std::size_t count_column = 15;
constexpr std::size_t most_unmet = 12;
constexpr std::size_t most_names = 40;
constexpr std::size_t longest_title = 120;

using Assessments = std::vector<FrameworkAssessment>;

bool is_unmet(ControlState state) {
  return state == ControlState::not_satisfied || state == ControlState::risk_accepted;
}

bool speaks(const FrameworkAssessment& framework) {
  return std::any_of(framework.controls.begin(), framework.controls.end(), [](const ControlAssessment& control) {
    return control.state != ControlState::not_covered && control.state != ControlState::no_evidence;
  });
}

Ink ink_of(ControlState state) {
  switch (state) {
    case ControlState::not_satisfied: return Ink::bad;
    case ControlState::risk_accepted:
    case ControlState::not_reviewed:
    case ControlState::no_evidence: return Ink::warn;
    case ControlState::satisfied: return Ink::good;
    case ControlState::attested:
    case ControlState::partial_evidence:
    case ControlState::not_covered: return Ink::plain;
  }
  return Ink::plain;
}

std::string right(std::string_view text) {
  const std::string cut = clip(text, count_column - 1);
  return std::string(count_column - std::min(count_column, columns(cut)), ' ') + cut;
}

/// One row a state, one column a framework.
void write_table(const FrameworkAssessment* first, const FrameworkAssessment* last, const Style& style,
                 std::ostream& out) {
  out << "  " << std::string(word_column, ' ');
  for (const auto* one = first; one != last; ++one) out << paint(style, Ink::strong, right(shown(one->id, 64)));
  out << '\n';
  for (const ControlState state : all_control_states) {
    out << "  " << paint(style, ink_of(state), pad(words_of(state), word_column));
    for (const auto* one = first; one != last; ++one)
      out << right(fmt::format("{}", one->counts()[static_cast<std::size_t>(state)]));
    out << '\n';
  }
  out << "  " << pad("controls", word_column);
  for (const auto* one = first; one != last; ++one) out << right(fmt::format("{}", one->controls.size()));
  out << '\n';
}

/// Controls of one state for one reason, which are told together: one failure often bears on many.
struct Unmet {
  ControlState state = ControlState::not_satisfied;
  std::string_view why;
  std::vector<const ControlAssessment*> controls;
};

std::vector<Unmet> unmet_of(const FrameworkAssessment& framework) {
  std::vector<Unmet> all;
  for (const ControlAssessment& control : framework.controls) {
    if (!is_unmet(control.state)) continue;
    const auto same = std::find_if(
        all.begin(), all.end(), [&](const Unmet& one) { return one.state == control.state && one.why == control.why; });
    (same != all.end() ? *same : all.emplace_back(Unmet{control.state, control.why, {}})).controls.push_back(&control);
  }
  return all;
}

/// One control has room for its title.
std::string names_of(const Unmet& unmet) {
  std::vector<std::string> names;
  for (const ControlAssessment* control : unmet.controls) names.push_back(shown(control->id, 64));
  if (names.size() > 1) return examples({names.begin(), names.end()}, most_names);
  return fmt::format("{} ({})", names[0], prose(unmet.controls[0]->title, longest_title));
}

void write_unmet(const FrameworkAssessment& framework, const Style& style, std::ostream& out) {
  const std::vector<Unmet> all = unmet_of(framework);
  if (all.empty()) return;
  out << '\n' << paint(style, Ink::strong, "  " + shown(framework.id, 64)) << '\n';
  std::size_t left = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Unmet& one = all[i];
    if (i >= most_unmet) {
      left += one.controls.size();
      continue;
    }
    paragraph(out, style, fmt::format("  - {}: ", words_of(one.state)),
              fmt::format("{}: {}", names_of(one), prose(one.why, 2 * longest_title)), Ink::plain, ink_of(one.state));
  }
  if (left > 0)
    paragraph(out, style, "  … ", fmt::format("{} not satisfied in the full report", counted(left, "more control")));
}

}  // namespace

void write_controls(const RunRecord& record, const Style& style, std::ostream& out) {
  const Assessments& all = record.frameworks;
  if (std::none_of(all.begin(), all.end(), speaks)) return;
  heading(out, style, "CONTROLS");
  const std::size_t room = style.width > word_column + 2 ? (style.width - word_column - 2) / count_column : 1;
  const std::size_t beside = std::max<std::size_t>(room, 1);
  for (std::size_t i = 0; i < all.size(); i += beside)
    write_table(all.data() + i, all.data() + std::min(i + beside, all.size()), style, out);
  for (const FrameworkAssessment& framework : all) write_unmet(framework, style, out);
}

}  // namespace audit::report

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <ostream>

#include "report/diff.hpp"
#include "report/layout.hpp"
#include "report/observations.hpp"
#include "report/shown.hpp"

namespace audit::report {
namespace {

constexpr std::size_t most_items = 200;
constexpr std::size_t longest_why = 300;
constexpr std::size_t longest_name = 60;

struct Look {
  std::string_view sign;
  Ink ink;
};

Look look_of(ObservedChange change) {
  constexpr std::array<Look, all_observed_changes.size()> looks{
      Look{"+", Ink::loud}, Look{"-", Ink::warn}, Look{"~", Ink::loud}, Look{"?", Ink::warn}, Look{"!", Ink::loud}};
  return looks.at(static_cast<std::size_t>(change));
}

std::string upper(std::string_view words) {
  std::string text(words);
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

void write_difference(const ObservedDifference& difference, const Style& style, std::ostream& out) {
  const Look look = look_of(difference.change);
  const ObservedKind kind = difference.key.kind;
  paragraph(out, style, fmt::format("  {} ", look.sign), fmt::format("{:12} {}", words_of(kind), place_of(difference)),
            Ink::plain, look.ink);
  const auto write = [&](std::string_view what, const std::string& words) {
    if (!words.empty()) paragraph(out, style, fmt::format("      {}", what), words, Ink::faint);
  };
  write("was: ", words_of(kind, difference.was));
  write("now: ", words_of(kind, difference.now));
  write("", shown(difference.why, longest_why));
}

}  // namespace

void write_observations_text(const ObservationDiff& diff, const Style& style, std::ostream& out) {
  paragraph(out, style, "",
            fmt::format("{} ({}) against {} ({})", shown(diff.after.id, longest_name), format_utc(diff.after.started),
                        shown(diff.before.id, longest_name), format_utc(diff.before.started)),
            Ink::faint);
  paragraph(out, style, "", headline_of(diff), diff.exit_code() == 0 ? Ink::good : Ink::loud);
  out << '\n';
  for (const ObservedChange change : all_observed_changes) {
    const std::uint64_t count = diff.count(change);
    if (count == 0) continue;
    heading(out, style, fmt::format("{} ({})", upper(title_of(change)), count));
    std::size_t written = 0;
    for (const ObservedDifference& difference : diff.differences)
      if (difference.change == change && written++ < most_items) write_difference(difference, style, out);
    if (count > most_items) out << fmt::format("  … and {} more, in --format json\n", count - most_items);
    out << '\n';
  }
  const std::vector<std::string> caveats = caveats_of(diff);
  if (caveats.empty()) return;
  heading(out, style, "WHAT WAS ASKED");
  for (const std::string& sentence : caveats) paragraph(out, style, "  - ", sentence);
}

}  // namespace audit::report

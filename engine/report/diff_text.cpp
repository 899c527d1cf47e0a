#include <fmt/format.h>

#include <ostream>

#include "report/diff.hpp"
#include "report/layout.hpp"
#include "report/shown.hpp"

namespace audit::report {
namespace {

constexpr std::size_t most_items = 200;
constexpr std::size_t longest_message = 300;
constexpr std::size_t longest_name = 60;

void write_cut(std::size_t size, std::ostream& out) {
  if (size > most_items) out << fmt::format("  … and {} more, in --format json\n", size - most_items);
}

void write_items(std::string_view title, const std::vector<DiffItem>& items, std::string_view sign, Ink ink,
                 const Style& style, std::ostream& out) {
  if (items.empty()) return;
  heading(out, style, fmt::format("{} ({})", title, items.size()));
  for (std::size_t i = 0; i < items.size() && i < most_items; ++i) {
    const DiffItem& item = items[i];
    paragraph(out, style, fmt::format("  {} ", sign),
              fmt::format("{:8} {}  {}: {}", name_of(item.severity), shown(item.rule, longest_name), place_of(item),
                          shown(item.message, longest_message)),
              Ink::plain, ink);
    if (!item.was.empty()) paragraph(out, style, "      ", "was: " + shown(item.was, longest_message), Ink::faint);
    if (item.first_seen) paragraph(out, style, "      ", since(item), Ink::faint);
    if (!item.waiver.empty())
      paragraph(out, style, "      ", "waived by " + shown(item.waiver, longest_name), Ink::warn);
  }
  write_cut(items.size(), out);
  out << '\n';
}

void write_unknown(const RunDiff& diff, const Style& style, std::ostream& out) {
  if (diff.unknown.empty()) return;
  heading(out, style, fmt::format("UNKNOWN NOW ({})", diff.unknown.size()));
  for (std::size_t i = 0; i < diff.unknown.size() && i < most_items; ++i) {
    const UnknownItem& item = diff.unknown[i];
    paragraph(
        out, style, "  ? ",
        fmt::format("{}  {}: was {}, now {} ({}): {}", shown(item.rule, longest_name), shown(item.target, longest_name),
                    name_of(item.was), name_of(item.now), name_of(item.reason), shown(item.message, longest_message)),
        Ink::plain, Ink::warn);
  }
  write_cut(diff.unknown.size(), out);
  out << '\n';
}

}  // namespace

void write_diff_text(const RunDiff& diff, const Style& style, std::ostream& out) {
  paragraph(out, style, "",
            fmt::format("{} ({}) against {} ({})", shown(diff.after.id, longest_name), format_utc(diff.after.started),
                        shown(diff.before.id, longest_name), format_utc(diff.before.started)),
            Ink::faint);
  paragraph(out, style, "", headline_of(diff), diff.exit_code() == 0 ? Ink::good : Ink::loud);
  out << '\n';
  write_items("NEW FAILURES", diff.fresh, "+", Ink::loud, style, out);
  write_unknown(diff, style, out);
  write_items("CHANGED", diff.changed, "~", Ink::warn, style, out);
  write_items("FIXED", diff.fixed, "-", Ink::good, style, out);
  write_items("STILL FAILING", diff.same, "=", Ink::warn, style, out);
  const std::vector<std::string> plan = plan_changes(diff);
  if (plan.empty()) return;
  heading(out, style, "WHAT WAS ASKED");
  for (const std::string& sentence : plan) paragraph(out, style, "  - ", sentence);
}

}  // namespace audit::report

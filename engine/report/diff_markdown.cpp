#include <fmt/format.h>

#include <ostream>
#include <string>

#include "report/diff.hpp"
#include "report/shown.hpp"

namespace audit::report {
namespace {

constexpr std::size_t most_items = 100;
constexpr std::size_t longest_message = 300;
constexpr std::size_t longest_name = 100;

/// Text that is neither markup nor the end of a table's cell: every ASCII character that Markdown may read is escaped.
std::string cell(std::string_view bytes, std::size_t most) {
  std::string text;
  for (const char c : shown(bytes, most)) {
    if (c == '\n' || c == '\r') {
      text += ' ';
      continue;
    }
    if (c == '<') {
      text += "&lt;";
    } else if (c == '&') {
      text += "&amp;";
    } else {
      if (std::string_view("\\`*_{}[]()#+!|~>@:").find(c) != std::string_view::npos) text += '\\';
      text += c;
    }
  }
  return text;
}

void write_items(std::string_view title, const std::vector<DiffItem>& items, std::ostream& out) {
  if (items.empty()) return;
  out << fmt::format("### {} ({})\n\n| severity | rule | where | what |\n| --- | --- | --- | --- |\n", title,
                     items.size());
  for (std::size_t i = 0; i < items.size() && i < most_items; ++i) {
    const DiffItem& item = items[i];
    out << fmt::format("| {} | {} | {} | {}{} |\n", name_of(item.severity), cell(item.rule, longest_name),
                       cell(place_of(item), 2 * longest_name), cell(item.message, longest_message),
                       item.waiver.empty() ? "" : " (waived by " + cell(item.waiver, longest_name) + ")");
  }
  if (items.size() > most_items)
    out << fmt::format("\n… and {} more, in the JSON of this comparison.\n", items.size() - most_items);
  out << '\n';
}

}  // namespace

void write_diff_markdown(const RunDiff& diff, const Style&, std::ostream& out) {
  out << fmt::format("## {}\n\nRun {} ({}) against {} ({}).\n\n", headline_of(diff), cell(diff.after.id, longest_name),
                     format_utc(diff.after.started), cell(diff.before.id, longest_name),
                     format_utc(diff.before.started));
  write_items("New failures", diff.fresh, out);
  if (!diff.unknown.empty()) {
    out << fmt::format("### Unknown now ({})\n\n| rule | target | was | now | why |\n| --- | --- | --- | --- | --- |\n",
                       diff.unknown.size());
    for (std::size_t i = 0; i < diff.unknown.size() && i < most_items; ++i) {
      const UnknownItem& item = diff.unknown[i];
      out << fmt::format("| {} | {} | {} | {} | {} |\n", cell(item.rule, longest_name), cell(item.target, longest_name),
                         name_of(item.was), name_of(item.now), cell(item.message, longest_message));
    }
    if (diff.unknown.size() > most_items)
      out << fmt::format("\n… and {} more, in the JSON of this comparison.\n", diff.unknown.size() - most_items);
    out << '\n';
  }
  write_items("Changed", diff.changed, out);
  write_items("Fixed", diff.fixed, out);
  const std::vector<std::string> plan = plan_changes(diff);
  if (plan.empty()) return;
  out << "### What was asked\n\n";
  for (const std::string& sentence : plan) out << fmt::format("- {}\n", cell(sentence, 2'000));
}

}  // namespace audit::report

#include <fmt/format.h>

#include <ostream>
#include <string>

#include "report/diff.hpp"
#include "report/markdown_text.hpp"

namespace audit::report {
namespace {

constexpr std::size_t most_items = 100;
constexpr std::size_t longest_message = 300;
constexpr std::size_t longest_name = 100;

void write_items(std::string_view title, const std::vector<DiffItem>& items, std::ostream& out) {
  if (items.empty()) return;
  out << fmt::format("### {} ({})\n\n| severity | rule | where | what |\n| --- | --- | --- | --- |\n", title,
                     items.size());
  for (std::size_t i = 0; i < items.size() && i < most_items; ++i) {
    const DiffItem& item = items[i];
    out << fmt::format("| {} | {} | {} | {}{}{} |\n", name_of(item.severity), markdown(item.rule, longest_name),
                       markdown_ready(place_of(item)), markdown(item.message, longest_message),
                       item.first_seen ? fmt::format(" ({})", since(item)) : "",
                       item.waiver.empty() ? "" : " (waived by " + markdown(item.waiver, longest_name) + ")");
  }
  if (items.size() > most_items)
    out << fmt::format("\n… and {} more, in the JSON of this comparison.\n", items.size() - most_items);
  out << '\n';
}

}  // namespace

void write_diff_markdown(const RunDiff& diff, const Style&, std::ostream& out) {
  out << fmt::format("## {}\n\nRun {} ({}) against {} ({}).\n\n", headline_of(diff),
                     markdown(diff.after.id, longest_name), format_utc(diff.after.started),
                     markdown(diff.before.id, longest_name), format_utc(diff.before.started));
  write_items("New failures", diff.fresh, out);
  if (!diff.unknown.empty()) {
    out << fmt::format("### Unknown now ({})\n\n| rule | target | was | now | why |\n| --- | --- | --- | --- | --- |\n",
                       diff.unknown.size());
    for (std::size_t i = 0; i < diff.unknown.size() && i < most_items; ++i) {
      const UnknownItem& item = diff.unknown[i];
      out << fmt::format("| {} | {} | {} | {} | {} |\n", markdown(item.rule, longest_name),
                         markdown(item.target, longest_name), name_of(item.was), name_of(item.now),
                         markdown(item.message, longest_message));
    }
    if (diff.unknown.size() > most_items)
      out << fmt::format("\n… and {} more, in the JSON of this comparison.\n", diff.unknown.size() - most_items);
    out << '\n';
  }
  write_items("Changed", diff.changed, out);
  write_items("Fixed", diff.fixed, out);
  write_items("Still failing", diff.same, out);
  const std::vector<std::string> plan = plan_changes(diff);
  if (plan.empty()) return;
  out << "### What was asked\n\n";
  for (const std::string& sentence : plan) out << fmt::format("- {}\n", markdown_ready(sentence));
}

}  // namespace audit::report

#include <fmt/format.h>

#include <ostream>

#include "report/diff.hpp"
#include "report/markdown_text.hpp"
#include "report/observations.hpp"

namespace audit::report {
namespace {

constexpr std::size_t most_items = 100;
constexpr std::size_t longest_name = 100;
constexpr std::size_t longest_why = 300;

}  // namespace

void write_observations_markdown(const ObservationDiff& diff, const Style&, std::ostream& out) {
  out << fmt::format("## {}\n\nRun {} ({}) against {} ({}).\n\n", headline_of(diff),
                     markdown(diff.after.id, longest_name), format_utc(diff.after.started),
                     markdown(diff.before.id, longest_name), format_utc(diff.before.started));
  for (const ObservedChange change : all_observed_changes) {
    const std::uint64_t count = diff.count(change);
    if (count == 0) continue;
    out << fmt::format("### {} ({})\n\n| what | where | was | now | why |\n| --- | --- | --- | --- | --- |\n",
                       title_of(change), count);
    std::size_t written = 0;
    for (const ObservedDifference& difference : diff.differences) {
      if (difference.change != change || written++ >= most_items) continue;
      const ObservedKind kind = difference.key.kind;
      out << fmt::format("| {} | {} | {} | {} | {} |\n", words_of(kind), markdown_ready(place_of(difference)),
                         markdown_ready(words_of(kind, difference.was)), markdown_ready(words_of(kind, difference.now)),
                         markdown(difference.why, longest_why));
    }
    if (count > most_items)
      out << fmt::format("\n… and {} more, in the JSON of this comparison.\n", count - most_items);
    out << '\n';
  }
  const std::vector<std::string> caveats = caveats_of(diff);
  if (caveats.empty()) return;
  out << "### What was asked\n\n";
  for (const std::string& sentence : caveats) out << fmt::format("- {}\n", markdown_ready(sentence));
}

}  // namespace audit::report

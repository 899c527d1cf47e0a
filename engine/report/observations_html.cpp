#include <ostream>

#include "report/diff.hpp"
#include "report/html_comparison.hpp"
#include "report/observations.hpp"

namespace audit::report {
namespace {

constexpr std::size_t most_items = 1'000;
constexpr std::size_t longest_why = 400;

Markup id_of(ObservedChange change) {
  switch (change) {
    case ObservedChange::appeared: return "new";
    case ObservedChange::gone: return "gone";
    case ObservedChange::changed: return "changed";
    case ObservedChange::unknown_now: return "unknown";
    case ObservedChange::unknown_before: return "unknown-before";
  }
  return "";
}

void write_row(const ObservedDifference& difference, Page& page) {
  const ObservedKind kind = difference.key.kind;
  page << "<tr><td>" << text(words_of(kind)) << "</td><td><code>" << ready(place_of(difference)) << "</code></td><td>"
       << ready(words_of(kind, difference.was)) << "</td><td>" << ready(words_of(kind, difference.now)) << "</td><td>"
       << text(difference.why, longest_why) << "</td></tr>\n";
}

void write_change(const ObservationDiff& diff, ObservedChange change, Page& page) {
  const std::uint64_t count = diff.count(change);
  page << "<section id=\"" << id_of(change) << "\">\n<h2>" << text(title_of(change)) << " (" << number(count)
       << ")</h2>\n";
  if (count == 0) {
    page << "<p>None.</p>\n</section>\n";
    return;
  }
  page << "<table class=\"stack diff-observations\"><thead><tr><th scope=\"col\">What</th><th scope=\"col\">Where</th>"
          "<th scope=\"col\">Was</th><th scope=\"col\">Now</th><th scope=\"col\">Why</th></tr></thead><tbody>\n";
  std::size_t written = 0;
  for (const ObservedDifference& difference : diff.differences)
    if (difference.change == change && written++ < most_items) write_row(difference, page);
  page << "</tbody></table>\n";
  write_more(count, most_items, page);
  page << "</section>\n";
}

}  // namespace

void write_observations_html(const ObservationDiff& diff, const Style&, std::ostream& out) {
  Page page(out);
  begin_comparison(headline_of(diff), diff.before, diff.after, page);
  for (const ObservedChange change : all_observed_changes) write_change(diff, change, page);
  end_comparison(caveats_of(diff), page);
}

}  // namespace audit::report

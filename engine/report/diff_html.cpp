#include <ostream>

#include "report/diff.hpp"
#include "report/html_comparison.hpp"

namespace audit::report {
namespace {

constexpr std::size_t most_items = 1'000;

void write_items(Markup id, Markup title, const std::vector<DiffItem>& items, Page& page) {
  page << "<section id=\"" << id << "\">\n<h2>" << title << " (" << number(items.size()) << ")</h2>\n";
  if (items.empty()) {
    page << "<p>None.</p>\n</section>\n";
    return;
  }
  page << "<table class=\"stack diff\"><thead><tr><th scope=\"col\">Severity</th><th scope=\"col\">Rule</th><th "
          "scope=\"col\">Where</th><th scope=\"col\">What</th></tr></thead><tbody>\n";
  for (std::size_t i = 0; i < items.size() && i < most_items; ++i) {
    const DiffItem& item = items[i];
    page << "<tr><td>";
    write_severity(item.severity, page);
    page << "</td><td><code>" << text(item.rule) << "</code></td><td><code>" << ready(place_of(item))
         << "</code></td><td>" << text(item.message);
    if (!item.was.empty()) page << "<br/>was: " << text(item.was);
    if (item.first_seen) page << "<br/><span class=\"facts\">" << ready(since(item)) << "</span>";
    if (!item.waiver.empty()) page << "<br/>waived by " << text(item.waiver);
    page << "</td></tr>\n";
  }
  page << "</tbody></table>\n";
  write_more(items.size(), most_items, page);
  page << "</section>\n";
}

void write_unknown(const RunDiff& diff, Page& page) {
  page << "<section id=\"unknown\">\n<h2>Unknown now (" << number(diff.unknown.size()) << ")</h2>\n";
  if (diff.unknown.empty()) {
    page << "<p>None: all that was judged before was judged again.</p>\n</section>\n";
    return;
  }
  page << "<p>Judged before, and not this time: neither fixed nor failing.</p>\n<table class=\"stack "
          "diff-unknown\"><thead>"
          "<tr><th scope=\"col\">Rule</th><th scope=\"col\">Target</th><th scope=\"col\">Was</th><th "
          "scope=\"col\">Now</th><th scope=\"col\">Why</th></tr></thead><tbody>\n";
  for (std::size_t i = 0; i < diff.unknown.size() && i < most_items; ++i) {
    const UnknownItem& item = diff.unknown[i];
    page << "<tr><td><code>" << text(item.rule) << "</code></td><td><code>" << text(item.target) << "</code></td><td>";
    write_status(item.was, page);
    page << "</td><td>";
    write_status(item.now, page);
    page << "</td><td>" << text(item.message) << "</td></tr>\n";
  }
  page << "</tbody></table>\n";
  write_more(diff.unknown.size(), most_items, page);
  page << "</section>\n";
}

}  // namespace

void write_diff_html(const RunDiff& diff, const Style&, std::ostream& out) {
  Page page(out);
  begin_comparison(headline_of(diff), diff.before, diff.after, page);
  write_items("new", "New failures", diff.fresh, page);
  write_unknown(diff, page);
  write_items("changed", "Changed", diff.changed, page);
  write_items("fixed", "Fixed", diff.fixed, page);
  write_items("still", "Still failing", diff.same, page);
  end_comparison(plan_changes(diff), page);
}

}  // namespace audit::report

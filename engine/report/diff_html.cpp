#include <ostream>

#include "report/diff.hpp"
#include "report/html_comparison.hpp"

namespace audit::report {
namespace {

constexpr std::size_t most_items = 1'000;

void write_part(Markup id, Markup title, const std::vector<DiffItem>& items, Page& page) {
  page << "<section id=\"" << id << "\">\n<h2>" << title << " (" << number(items.size()) << ")</h2>\n";
  if (items.empty()) {
    page << "<p>None.</p>\n</section>\n";
    return;
  }
  write_items(title, items, most_items, {}, page);
  write_more(items.size(), most_items, page);
  page << "</section>\n";
}

void write_unknown_part(const RunDiff& diff, Page& page) {
  page << "<section id=\"unknown\">\n<h2>Unknown now (" << number(diff.unknown.size()) << ")</h2>\n";
  if (diff.unknown.empty()) {
    page << "<p>None: all that was judged before was judged again.</p>\n</section>\n";
    return;
  }
  page << "<p>Judged before, and not this time: neither fixed nor failing.</p>\n";
  write_unknown(diff.unknown, most_items, page);
  write_more(diff.unknown.size(), most_items, page);
  page << "</section>\n";
}

}  // namespace

void write_diff_html(const RunDiff& diff, const Style&, std::ostream& out) {
  Page page(out);
  begin_comparison(headline_of(diff), diff.before, diff.after, page);
  write_part("new", "New failures", diff.fresh, page);
  write_unknown_part(diff, page);
  write_part("changed", "Changed", diff.changed, page);
  write_part("fixed", "Fixed", diff.fixed, page);
  write_part("still", "Still failing", diff.same, page);
  end_comparison(plan_changes(diff), page);
}

}  // namespace audit::report

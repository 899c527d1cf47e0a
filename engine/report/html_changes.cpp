#include "base/text.hpp"
#include "report/diff.hpp"
#include "report/html_comparison.hpp"

namespace audit::report {
namespace {

constexpr std::size_t most_items = 200;
constexpr std::size_t most_sentences = 12;

void write_left(std::size_t size, Page& page) {
  if (size > most_items)
    page << "<p class=\"cut\">… and " << number(size - most_items) << " more: <code>audit diff</code> has all.</p>\n";
}

void write_kind(Markup title, const std::vector<DiffItem>& items, const std::set<std::string>& shown, Page& page) {
  if (items.empty()) return;
  page << "<h3>" << title << " (" << number(items.size()) << ")</h3>\n";
  write_items(title, items, most_items, shown, page);
  write_left(items.size(), page);
}

void write_blind(const RunDiff& diff, Page& page) {
  if (diff.unknown.empty()) return;
  page << "<h3>Unknown now (" << number(diff.unknown.size())
       << ")</h3>\n<p>Judged before, and not this time: neither fixed nor failing.</p>\n";
  write_unknown(diff.unknown, most_items, page);
  write_left(diff.unknown.size(), page);
}

void write_count(Markup id, Markup name, std::uint64_t count, Page& page) {
  page << "<div><dt>" << name << "</dt><dd><data id=\"" << id << "\" value=\"" << ready(std::to_string(count)) << "\">"
       << number(count) << "</data></dd></div>\n";
}

void write_counts(const RunDiff& diff, Page& page) {
  page << "<dl class=\"tiles\">\n";
  write_count("changes-new", "New failures", diff.fresh.size(), page);
  write_count("changes-unknown", "Unknown now", diff.unknown.size(), page);
  write_count("changes-changed", "Failing otherwise", diff.changed.size(), page);
  write_count("changes-fixed", "Fixed", diff.fixed.size(), page);
  write_count("changes-still", "Still failing", diff.still, page);
  write_count("changes-went", "Failures not asked about any more", diff.failures_went, page);
  page << "</dl>\n";
}

}  // namespace

void write_changes(const RunRecord& record, Page& page) {
  page << "<section id=\"changes\">\n<h2>Changes since the last complete run</h2>\n";
  if (!record.changes) {
    page << "<p>Nothing is known to compare with: no complete run of the same scope is in the history, and no baseline "
            "was given.</p>\n</section>\n";
    return;
  }
  const RunDiff& diff = *record.changes;
  page << "<p>Against run <code>" << text(diff.before.id, 200) << "</code> of <time datetime=\""
       << ready(format_utc(diff.before.started)) << "\">" << ready(format_utc(diff.before.started))
       << "</time>: " << ready(headline_of(diff)) << ".</p>\n";
  write_counts(diff, page);
  const std::set<std::string> shown = findings_on_page(record);
  write_kind("New failures", diff.fresh, shown, page);
  write_blind(diff, page);
  write_kind("Failing otherwise", diff.changed, shown, page);
  write_kind("Fixed", diff.fixed, {}, page);
  const std::vector<std::string> asked = plan_changes(diff);
  if (!asked.empty()) {
    page << "<h3>What was asked</h3>\n<ul>\n";
    for (std::size_t i = 0; i < asked.size() && i < most_sentences; ++i) page << "<li>" << ready(asked[i]) << "</li>\n";
    page << "</ul>\n";
  }
  page << "</section>\n";
}

}  // namespace audit::report

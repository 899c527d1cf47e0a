#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "report/evidence.hpp"
#include "report/html_sections.hpp"
#include "report/shown.hpp"

namespace audit::report {
namespace {

constexpr std::size_t most_pieces = 12;
constexpr std::size_t most_fields = 40;
constexpr std::size_t longest_value = 2000;

/// Text with a line for each of its lines; anything else in one.
void write_value(const Value& value, Page& page) {
  const auto* string = value.get_if<std::string>();
  std::string block = string != nullptr ? shown_lines(*string, longest_value) : describe(value, longest_value);
  if (!page.spend(block.size())) {
    page << "<em>left out: this page has no more room for evidence; the JSON report has it</em>";
    return;
  }
  page << "<code>" << ready(std::move(block)) << "</code>";
}

void write_facts(const Observation& observation, Page& page) {
  page << "<p class=\"facts\">";
  if (observation.reason != Reason::observed) page << text(name_of(observation.reason)) << " · ";
  page << ready(format_utc(observation.time)) << " · took "
       << ready(fmt::format("{:.3f} s", seconds(observation.elapsed)));
  if (!observation.local.empty()) page << " · from " << text(observation.local, 100);
  if (!observation.remote.empty()) page << " · to " << text(observation.remote, 100);
  if (observation.attempts != 1) page << " · " << ready(counted(observation.attempts, "attempt"));
  page << "</p>";
  if (!observation.message.empty())
    page << "<p class=\"said\">" << ready(shown_lines(observation.message, 2000)) << "</p>";
}

void write_fields(const Value& fields, Page& page) {
  const auto members = telling_fields(fields);
  if (members.empty()) return;
  page << "<dl class=\"seen\">";
  for (std::size_t i = 0; i < std::min(members.size(), most_fields); ++i) {
    page << "<div><dt>" << (members[i].first.empty() ? ready("value") : text(members[i].first, 100)) << "</dt><dd>";
    write_value(*members[i].second, page);
    page << "</dd></div>";
  }
  if (members.size() > most_fields)
    page << "<div><dt>…</dt><dd>" << number(members.size() - most_fields)
         << " more fields, in the JSON report</dd></div>";
  page << "</dl>";
}

void write_piece(const Evidence& evidence, Page& page) {
  page << "<li><p class=\"source\">" << ready(source_of(evidence)) << "</p>";
  if (evidence.observation) {
    write_facts(*evidence.observation, page);
    write_fields(evidence.observation->fields, page);
  } else {
    page << "<p>";
    write_value(evidence.note, page);
    page << "</p>";
  }
  page << "</li>\n";
}

}  // namespace

void write_evidence(const Finding& finding, bool open, Page& page) {
  const std::size_t count = finding.evidence.size();
  if (count == 0) {
    page << "<p class=\"cut\">No evidence was attached.</p>\n";
    return;
  }
  page << (open ? Markup("<details open=\"open\">") : Markup("<details>"))
       << "<summary>Evidence: " << ready(counted(count, "piece")) << "</summary>\n<ul>\n";
  for (std::size_t i = 0; i < std::min(count, most_pieces); ++i) write_piece(finding.evidence[i], page);
  page << "</ul>\n";
  if (count > most_pieces) write_left_out(count - most_pieces, "pieces of evidence", page);
  page << "</details>\n";
}

}  // namespace audit::report

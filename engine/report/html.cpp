#include "report/html.hpp"

#include <algorithm>
#include <ostream>

#include "base/text.hpp"
#include "report/html_script.hpp"
#include "report/html_sections.hpp"
#include "report/verdict.hpp"

namespace audit::report {
namespace {

constexpr std::size_t longest_link = 2000;

/// An address of the web and nothing but; everything else stays text.
bool is_link(std::string_view reference) {
  if (!reference.starts_with("https://") && !reference.starts_with("http://")) return false;
  return reference.size() <= longest_link && std::all_of(reference.begin(), reference.end(), [](char c) {
           return c > ' ' && c < 0x7f && c != '\\' && c != '"' && c != '<' && c != '>';
         });
}

/// What the head and the foot of each printed page say.
void write_page_margins(const RunRecord& record, Page& page) {
  page << "@page { @top-left { content: \""
       << css_text(record.inventory.name.empty() ? record.inventory.path : record.inventory.name, 40)
       << "\"; } @top-right { content: \"run " << css_text(record.run.id, 40) << "\"; } @bottom-left { content: \""
       << css_text(format_utc(record.run.started)) << "\"; } }\n";
}

void write_head(const RunRecord& record, Page& page) {
  page << "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
       << "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
          "script-src "
       << script_source() << "; base-uri 'none'; form-action 'none'\"/>\n"
       << "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
       << "<meta name=\"color-scheme\" content=\"light dark\"/>\n<meta name=\"referrer\" content=\"no-referrer\"/>\n"
       << "<title>" << ready(verdict_of(record).headline);
  if (!record.inventory.name.empty()) page << " – " << text(record.inventory.name);
  page << "</title>\n<style>" << style_sheet();
  write_page_margins(record, page);
  page << "</style>\n</head>\n";
}

void write_navigation(const RunRecord& record, Page& page) {
  page << "<nav aria-label=\"Sections\"><ul>"
       << "<li><a href=\"#scope\">Scope</a></li><li><a href=\"#changes\">Changes</a></li><li><a "
          "href=\"#findings\">Findings ("
       << number(record.summary.results[static_cast<std::size_t>(Status::fail)])
       << ")</a></li><li><a href=\"#information\">Information</a></li><li><a href=\"#controls\">Controls</a></li>"
       << "<li><a href=\"#targets\">Targets (" << number(record.targets.size())
       << ")</a></li><li><a href=\"#services\">Services</a></li><li><a href=\"#map\">Map</a></li><li><a "
          "href=\"#trend\">Trend</a></li><li><a href=\"#certificates\">Certificates</a></li>"
       << "<li><a href=\"#waivers\">Waivers (" << number(record.waivers.size())
       << ")</a></li><li><a href=\"#attestations\">Attestations (" << number(record.attestations.size())
       << ")</a></li><li><a href=\"#rules\">Rules</a></li><li><a href=\"#provenance\">Provenance</a></li>"
       << "<li><a href=\"#signoff\">Sign-off</a></li></ul></nav>\n";
}

}  // namespace

void write_status(Status status, Page& page) {
  switch (status) {
    case Status::pass: page << "<span class=\"status pass\">pass</span>"; break;
    case Status::fail: page << "<span class=\"status fail\">fail</span>"; break;
    case Status::error: page << "<span class=\"status error\">error</span>"; break;
    case Status::not_applicable: page << "<span class=\"status na\">not applicable</span>"; break;
    case Status::not_reviewed: page << "<span class=\"status blind\">not reviewed</span>"; break;
    case Status::informational: page << "<span class=\"status info\">informational</span>"; break;
  }
}

void write_severity(Severity severity, Page& page) {
  switch (severity) {
    case Severity::critical: page << "<span class=\"severity critical\">Critical</span>"; break;
    case Severity::high: page << "<span class=\"severity high\">High</span>"; break;
    case Severity::medium: page << "<span class=\"severity medium\">Medium</span>"; break;
    case Severity::low: page << "<span class=\"severity low\">Low</span>"; break;
    case Severity::info: page << "<span class=\"severity least\">Info</span>"; break;
  }
}

void write_reference(std::string_view reference, Page& page) {
  const Text shown = text(reference, longest_link);
  if (is_link(reference))
    page << "<a rel=\"noreferrer\" href=\"" << shown << "\">" << shown << "</a>";
  else
    page << shown;
}

void write_fact(Markup name, const Text& value, Page& page) {
  page << "<div><dt>" << name << "</dt><dd>" << (value.visible.empty() ? ready("–") : value) << "</dd></div>\n";
}

void write_left_out(std::uint64_t left, Markup what, Page& page) {
  if (left > 0)
    page << "<p class=\"cut\">… and " << number(left) << " more " << what << ", in the JSON report of this run.</p>\n";
}

void write_html(const RunRecord& record, const Style&, std::ostream& out) {
  Page page(out);
  write_head(record, page);
  page << "<body>\n";
  write_verdict(record, page);
  write_navigation(record, page);
  page << "<main>\n";
  write_scope(record, page);
  write_changes(record, page);
  write_findings(record, page);
  write_information(record, page);
  write_controls(record, page);
  write_targets(record, page);
  write_services(record, page);
  write_map(record, page);
  write_trend(record, page);
  write_certificates(record, page);
  write_waivers(record, page);
  write_attestations(record, page);
  write_rules(record, page);
  write_provenance(record, page);
  write_signoff(record, page);
  page << "</main>\n<script>" << script() << "</script>\n</body>\n</html>\n";
}

}  // namespace audit::report

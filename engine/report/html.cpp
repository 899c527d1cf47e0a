#include "report/html.hpp"

#include <ostream>

#include "report/html_sections.hpp"
#include "report/verdict.hpp"

namespace audit::report {
namespace {

void write_head(const RunRecord& record, Page& page) {
  page << "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
       << "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
          "base-uri 'none'; form-action 'none'\"/>\n"
       << "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
       << "<meta name=\"color-scheme\" content=\"light dark\"/>\n<meta name=\"referrer\" content=\"no-referrer\"/>\n"
       << "<title>" << ready(verdict_of(record).headline);
  if (!record.inventory.name.empty()) page << " – " << text(record.inventory.name);
  page << "</title>\n<style>" << style_sheet() << "</style>\n</head>\n";
}

void write_navigation(const RunRecord& record, Page& page) {
  page << "<nav aria-label=\"Sections\"><ul>"
       << "<li><a href=\"#scope\">Scope</a></li><li><a href=\"#findings\">Findings ("
       << number(record.summary.results[static_cast<std::size_t>(Status::fail)]) << ")</a></li>"
       << "<li><a href=\"#waivers\">Waivers (" << number(record.waivers.size())
       << ")</a></li><li><a href=\"#attestations\">Attestations (" << number(record.attestations.size())
       << ")</a></li><li><a href=\"#information\">Information</a></li><li><a href=\"#targets\">Targets ("
       << number(record.targets.size()) << ")</a></li>"
       << "<li><a href=\"#services\">Services</a></li><li><a href=\"#unseen\">Dark and excluded</a></li>"
       << (record.frameworks.empty() ? Markup("") : Markup("<li><a href=\"#controls\">Controls</a></li>"))
       << "<li><a href=\"#rules\">Rules</a></li><li><a href=\"#provenance\">Provenance</a></li></ul></nav>\n";
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
  write_findings(record, page);
  write_waivers(record, page);
  write_attestations(record, page);
  write_information(record, page);
  write_targets(record, page);
  write_services(record, page);
  write_unseen(record, page);
  write_controls(record, page);
  write_rules(record, page);
  write_provenance(record, page);
  page << "</main>\n</body>\n</html>\n";
}

}  // namespace audit::report

#include "base/text.hpp"
#include "report/decisions.hpp"
#include "report/html_sections.hpp"
#include "report/shown.hpp"

namespace audit::report {
namespace {

constexpr std::size_t longest_prose = 2'000;

void write_waiver(const WaiverRecord& waiver, Page& page) {
  page << "<tr><th scope=\"row\">" << text(waiver.id, 300) << "</th><td>" << text(name_of(waiver.state));
  if (waiver.unused()) page << ", unused";
  page << "<br/><span class=\"facts\">" << ready(time_of(waiver)) << "</span></td><td>" << ready(reach_of(waiver))
       << "</td><td>" << ready(effect_of(waiver)) << "</td><td>" << ready(prose(waiver.reason, longest_prose))
       << "<br/><span class=\"facts\">" << text(waiver.approver, 300);
  if (!waiver.ticket.empty()) page << ", " << text(waiver.ticket, 300);
  page << "</span></td></tr>\n";
}

void write_attestation(const AttestationRecord& attestation, Page& page) {
  page << "<tr><th scope=\"row\">" << text(attestation.control, 300) << "</th><td>";
  write_status(attestation.effective(), page);
  page << "<br/><span class=\"facts\">" << ready(standing_of(attestation)) << "</span></td><td>"
       << ready(prose(attestation.evidence, longest_prose)) << "<br/><span class=\"facts\">"
       << text(attestation.by, 300) << ", " << ready(format_day(attestation.date)) << "</span></td></tr>\n";
}

}  // namespace

void write_waivers(const RunRecord& record, Page& page) {
  page << "<section id=\"waivers\">\n<h2>Waivers</h2>\n";
  if (record.waivers.empty()) {
    page << "<p>The inventory has no waivers.</p>\n</section>\n";
    return;
  }
  page << "<p>" << ready(tally_of(record.waivers)) << ", on " << ready(format_day(record.dates.day)) << " ("
       << text(record.dates.timezone, 80) << "). A waived failure stays a failure, in the score too; "
       << number(record.summary.waived) << " of them and " << number(record.summary.waived_unseen)
       << " checks of hosts known to be away do not count for the exit code.</p>\n"
       << "<div class=\"scroll\" role=\"region\" aria-label=\"Waivers\" tabindex=\"0\"><table class=\"stack "
          "waivers\">\n<thead><tr>"
       << "<th scope=\"col\">Waiver</th><th scope=\"col\">State</th><th scope=\"col\">What it names</th>"
       << "<th scope=\"col\">In this run</th><th scope=\"col\">Reason, approver</th></tr></thead>\n<tbody>\n";
  for (const WaiverRecord* waiver : by_urgency(record.waivers)) write_waiver(*waiver, page);
  page << "</tbody></table></div>\n</section>\n";
}

void write_attestations(const RunRecord& record, Page& page) {
  page << "<section id=\"attestations\">\n<h2>Attestations</h2>\n";
  if (record.attestations.empty()) {
    page << "<p>Nobody attested a control.</p>\n</section>\n";
    return;
  }
  page << "<p>What people answer for, since no probe can: " << ready(tally_of_attestations(record))
       << ". None of it is in the score or the coverage.</p>\n"
       << "<div class=\"scroll\" role=\"region\" aria-label=\"Attestations\" tabindex=\"0\"><table class=\"stack "
          "attestations\">\n<thead><tr>"
       << "<th scope=\"col\">Control</th><th scope=\"col\">Counts as</th><th scope=\"col\">Evidence, by whom</th>"
       << "</tr></thead>\n<tbody>\n";
  for (const AttestationRecord& attestation : record.attestations) write_attestation(attestation, page);
  page << "</tbody></table></div>\n</section>\n";
}

}  // namespace audit::report

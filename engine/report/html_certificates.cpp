#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "report/certificates.hpp"
#include "report/groups.hpp"
#include "report/html_sections.hpp"

namespace audit::report {
namespace {

constexpr std::size_t most_certificates = 300;
constexpr std::size_t most_endpoints = 12;
constexpr std::size_t longest_name = 200;
constexpr std::int64_t soon = 30;  // days

/// The last second, as a day that a calendar has; "" beyond the year 9999 or before 1970.
std::string day_at(std::int64_t seconds) {
  constexpr std::int64_t end_of_9999 = 253'402'300'799;
  if (seconds < 0 || seconds > end_of_9999) return fmt::format("{} s after 1970", seconds);
  return day_of(WallTime(std::chrono::seconds(seconds)));
}

void write_state(const SeenCertificate& certificate, WallTime started, Page& page) {
  if (!certificate.not_after) {
    page << "<span class=\"status blind\">not readable</span></td><td class=\"n\">–</td><td>–";
    return;
  }
  const std::int64_t left = days_until(*certificate.not_after, started);
  if (left < 0)
    page << "<span class=\"status fail\">expired</span>";
  else if (certificate.not_before && days_until(*certificate.not_before, started) >= 0)
    page << "<span class=\"status fail\">not valid yet</span>";
  else if (left < soon)
    page << "<span class=\"status blind\">expires soon</span>";
  else
    page << "<span class=\"status na\">not expired</span>";
  page << "</td><td class=\"n\">" << ready(fmt::format("{}", left)) << "</td><td>"
       << ready(day_at(*certificate.not_after));
}

void write_certificate(const SeenCertificate& certificate, WallTime started, Page& page) {
  page << "<tr><th scope=\"row\">"
       << (certificate.subject.empty() ? ready("without a subject") : text(certificate.subject, longest_name))
       << "<br/><span class=\"facts\">by " << text(certificate.issuer, longest_name)
       << "<br/>sha256 <code class=\"hash\">" << text(certificate.fingerprint, 80) << "</code></span></th><td>";
  write_state(certificate, started, page);
  page << "</td><td>" << ready(examples({certificate.endpoints.begin(), certificate.endpoints.end()}, most_endpoints))
       << "</td></tr>\n";
}

}  // namespace

void write_certificates(const RunRecord& record, Page& page) {
  page << "<section id=\"certificates\">\n<h2>Certificates</h2>\n";
  const std::vector<SeenCertificate> all = certificates_of(record);
  if (all.empty()) {
    page << "<p>No check of this run saw a certificate.</p>\n</section>\n";
    return;
  }
  page
      << "<p>The servers' own, the first to expire first; the days are those that were left when the run started. That "
         "one has not expired does not say that it is to be trusted: rules do.</p>\n"
      << "<div class=\"scroll\" role=\"region\" aria-label=\"Certificates\" tabindex=\"0\"><table class=\"stack "
         "certificates\">\n<thead><tr><th scope=\"col\">Certificate</th><th scope=\"col\">State</th>"
      << "<th scope=\"col\" class=\"n\">Days left</th><th scope=\"col\">Expires</th><th scope=\"col\">Seen "
         "at</th></tr></thead>\n"
      << "<tbody>\n";
  for (std::size_t i = 0; i < std::min(all.size(), most_certificates); ++i)
    write_certificate(all[i], record.run.started, page);
  page << "</tbody></table></div>\n";
  if (all.size() > most_certificates) write_left_out(all.size() - most_certificates, "certificates", page);
  page << "</section>\n";
}

}  // namespace audit::report

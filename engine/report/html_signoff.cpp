#include "base/text.hpp"
#include "report/html_sections.hpp"
#include "report/shown.hpp"
#include "report/verdict.hpp"

namespace audit::report {
namespace {

void write_line(Markup name, Page& page) {
  page << "<div><dt>" << name << "</dt><dd><span class=\"hidden\">to be filled in by hand</span></dd></div>";
}

void write_signer(Markup role, Markup says, Page& page) {
  page << "<div class=\"signer\"><h3>" << role << "</h3>\n<p>" << says << "</p>\n<dl>";
  write_line("Name", page);
  write_line("Date", page);
  write_line("Signature", page);
  page << "</dl></div>\n";
}

}  // namespace

void write_signoff(const RunRecord& record, Page& page) {
  const Verdict verdict = verdict_of(record);
  page << "<section id=\"signoff\">\n<h2>Sign-off</h2>\n<dl class=\"facts\">\n";
  write_fact("Run", text(record.run.id), page);
  write_fact("Result", ready(verdict.headline), page);
  write_fact("Run by", text(record.run.user, 200), page);
  write_fact("Authorised by", text(record.inventory.authorised_by, 400), page);
  if (!record.digest.empty()) write_fact("Digest of the record, SHA-256", text(record.digest, 200), page);
  page << "</dl>\n<div class=\"signers\">\n";
  write_signer("Reviewer", "I have read this report, its findings and what it did not judge.", page);
  write_signer("Approver", "I approve what is to be done about it, and the risks that are accepted.", page);
  page << "</div>\n</section>\n";
}

}  // namespace audit::report

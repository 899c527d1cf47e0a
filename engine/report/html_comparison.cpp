#include "report/html_comparison.hpp"

#include "report/diff.hpp"

namespace audit::report {
namespace {

constexpr std::size_t longest_said = 300;

void begin_table(Markup label, Page& page) {
  page << "<div class=\"scroll\" role=\"region\" aria-label=\"" << label << "\" tabindex=\"0\"><table class=\"stack ";
}

void write_item(const DiffItem& item, const std::set<std::string>& shown, Page& page) {
  page << "<tr><td>";
  write_severity(item.severity, page);
  page << "</td><td><code>" << text(item.rule, longest_said) << "</code></td><td>";
  const bool linked = shown.contains(item.fingerprint);
  if (linked) page << "<a href=\"#f-" << text(item.fingerprint) << "\">";
  page << "<code>" << ready(place_of(item)) << "</code>" << (linked ? Markup("</a>") : Markup("")) << "</td><td>"
       << text(item.message);
  if (!item.was.empty()) page << " <br/>was: " << text(item.was);
  if (item.first_seen) page << "<br/><span class=\"facts\">" << ready(since(item)) << "</span>";
  if (!item.waiver.empty()) page << "<br/>waived by " << text(item.waiver, longest_said);
  page << "</td></tr>\n";
}

}  // namespace

void begin_comparison(const std::string& headline, const DiffSide& before, const DiffSide& after, Page& page) {
  page << "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
       << "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
          "base-uri 'none'; form-action 'none'\"/>\n"
       << "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
       << "<meta name=\"color-scheme\" content=\"light dark\"/>\n<meta name=\"referrer\" content=\"no-referrer\"/>\n"
       << "<title>" << ready(headline) << "</title>\n<style>" << style_sheet() << "</style>\n</head>\n<body>\n"
       << "<header><h1>" << ready(headline) << "</h1>\n<p>Run <code>" << text(after.id) << "</code> ("
       << ready(format_utc(after.started)) << ") against <code>" << text(before.id) << "</code> ("
       << ready(format_utc(before.started)) << ")</p></header>\n<main>\n";
}

void write_more(std::size_t size, std::size_t most, Page& page) {
  if (size > most)
    page << "<p class=\"cut\">… and " << number(size - most) << " more, in the JSON of this comparison.</p>\n";
}

void write_items(Markup label, const std::vector<DiffItem>& items, std::size_t most, const std::set<std::string>& shown,
                 Page& page) {
  begin_table(label, page);
  page << "diff\"><thead><tr><th scope=\"col\">Severity</th><th scope=\"col\">Rule</th><th scope=\"col\">Where</th>"
          "<th scope=\"col\">What</th></tr></thead><tbody>\n";
  for (std::size_t i = 0; i < items.size() && i < most; ++i) write_item(items[i], shown, page);
  page << "</tbody></table></div>\n";
}

void write_unknown(const std::vector<UnknownItem>& items, std::size_t most, Page& page) {
  begin_table("Unknown now", page);
  page << "diff-unknown\"><thead><tr><th scope=\"col\">Rule</th><th scope=\"col\">Target</th><th scope=\"col\">Was</th>"
          "<th scope=\"col\">Now</th><th scope=\"col\">Why</th></tr></thead><tbody>\n";
  for (std::size_t i = 0; i < items.size() && i < most; ++i) {
    const UnknownItem& item = items[i];
    page << "<tr><td><code>" << text(item.rule, longest_said) << "</code></td><td><code>"
         << text(item.target, longest_said) << "</code></td><td>";
    write_status(item.was, page);
    page << "</td><td>";
    write_status(item.now, page);
    page << "</td><td>" << text(item.message) << "</td></tr>\n";
  }
  page << "</tbody></table></div>\n";
}

void end_comparison(const std::vector<std::string>& sentences, Page& page) {
  page << "<section id=\"asked\">\n<h2>What was asked</h2>\n";
  if (sentences.empty()) page << "<p>The same rules of the same targets.</p>\n";
  for (const std::string& sentence : sentences) page << "<p>" << ready(sentence) << "</p>\n";
  page << "</section>\n</main>\n</body>\n</html>\n";
}

}  // namespace audit::report

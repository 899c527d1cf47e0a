#include "report/html_comparison.hpp"

namespace audit::report {

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

void end_comparison(const std::vector<std::string>& sentences, Page& page) {
  page << "<section id=\"asked\">\n<h2>What was asked</h2>\n";
  if (sentences.empty()) page << "<p>The same rules of the same targets.</p>\n";
  for (const std::string& sentence : sentences) page << "<p>" << ready(sentence) << "</p>\n";
  page << "</section>\n</main>\n</body>\n</html>\n";
}

}  // namespace audit::report

#include "report/left_out.hpp"

#include <algorithm>
#include <ostream>
#include <tuple>

#include "report/html_sections.hpp"
#include "report/layout.hpp"
#include "report/shown.hpp"
#include "report/text_sections.hpp"

namespace audit::report {
namespace {

constexpr std::size_t most_parts = 12;
constexpr std::size_t longest = 600;

bool alike(const LeftOut& a, const LeftOut& b) {
  return std::tie(a.by, a.count, a.of, a.example) == std::tie(b.by, b.count, b.of, b.example);
}

}  // namespace

std::vector<std::string> told_left_out(const RunRecord& record) {
  std::vector<LeftOut> parts;
  for (const LeftOut& part : record.left_out) {
    const auto same = std::find_if(parts.begin(), parts.end(), [&](const LeftOut& one) { return alike(one, part); });
    if (same == parts.end())
      parts.push_back(part);
    else
      same->rule += ", " + part.rule;
  }
  std::vector<std::string> told;
  for (const LeftOut& part : parts) told.push_back(words_of(part));
  return told;
}

void write_parts_left_out(const RunRecord& record, const Style& style, std::ostream& out) {
  const std::vector<std::string> told = told_left_out(record);
  if (told.empty()) return;
  heading(out, style, "LEFT OUT: NO CONTROL IS SATISFIED WITHOUT IT");
  for (std::size_t i = 0; i < std::min(told.size(), most_parts); ++i)
    paragraph(out, style, "  - ", shown(told[i], longest));
  if (told.size() > most_parts)
    paragraph(out, style, "  … ", std::to_string(told.size() - most_parts) + " more in the full report");
}

void write_parts_left_out(const RunRecord& record, Page& page) {
  const std::vector<std::string> told = told_left_out(record);
  if (told.empty()) return;
  page << "<h3>Left out</h3>\n<p>Not in the plan, so no count above shows it; no control is satisfied without it.</p>\n"
          "<ul>\n";
  for (std::size_t i = 0; i < std::min(told.size(), most_parts); ++i)
    page << "<li>" << text(told[i], 1000) << "</li>\n";
  page << "</ul>\n";
  if (told.size() > most_parts) write_left_out(told.size() - most_parts, "parts", page);
}

}  // namespace audit::report

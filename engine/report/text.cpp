#include "report/text.hpp"

#include <fmt/format.h>

#include <ostream>

#include "report/layout.hpp"
#include "report/shown.hpp"
#include "report/text_sections.hpp"

namespace audit::report {

void write_text(const RunRecord& record, const Style& style, std::ostream& out) {
  std::string title = fmt::format("{} {}", shown(record.tool.name, 40), shown(record.tool.version, 40));
  if (!record.inventory.name.empty()) title += " · " + shown(record.inventory.name, 120);
  title += fmt::format(" · run {}, {}", shown(record.run.id, 60), format_utc(record.run.started));
  paragraph(out, style, "", title, Ink::faint);
  write_matrix(record, style, out);
  write_failures(record, style, out);
  write_remarks(record, style, out);
  write_unjudged(record, style, out);
  write_waivers(record, style, out);
  write_attestations(record, style, out);
  write_parts_left_out(record, style, out);
  write_unseen(record, style, out);
  write_controls(record, style, out);
  write_sources(record, style, out);
  write_notices(record, style, out);
  write_summary(record, style, out);
}

}  // namespace audit::report

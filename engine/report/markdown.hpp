#pragma once

#include <iosfwd>

#include "report/report.hpp"

namespace audit::report {

/// For a merge request or a chat: verdict, counts, failures, what was not judged, waivers. What would make it longer
/// than a comment may be (GitHub: 65,536 characters) is counted, not written.
void write_markdown(const RunRecord& record, const Style& style, std::ostream& out);

}  // namespace audit::report

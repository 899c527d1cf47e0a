#pragma once

#include <iosfwd>

#include "report/report.hpp"

namespace audit::report {

/// What a person reads on a terminal: matrix, findings, what was not judged, and the verdict last, next to the prompt.
void write_text(const RunRecord& record, const Style& style, std::ostream& out);

}  // namespace audit::report

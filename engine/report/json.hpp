#pragma once

#include <iosfwd>

#include "report/report.hpp"

namespace audit::report {

/// Everything, for programs; nothing is cut. Every string is `visible` text, so it is
/// valid UTF-8 whatever a peer sent, and `from_visible` gives the bytes back.
void write_json(const RunRecord& record, const Style& style, std::ostream& out);

}  // namespace audit::report

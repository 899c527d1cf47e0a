#pragma once

#include <iosfwd>

#include "report/report.hpp"

namespace audit::report {

/// One self-contained page for a reviewer: nothing loaded from elsewhere, whole without its script (html_script),
/// well-formed as XML too.
void write_html(const RunRecord& record, const Style& style, std::ostream& out);

}  // namespace audit::report

#pragma once

#include <iosfwd>
#include <string>

#include "report/report.hpp"

namespace audit::report {

/// For a spreadsheet: a row a result (RFC 4180, UTF-8, CRLF, a header), each with the number of its check. A cell is
/// `visible` text, cut where no spreadsheet could hold it.
void write_csv(const RunRecord& record, const Style& style, std::ostream& out);

/// `visible` text that no spreadsheet takes for a formula: an apostrophe goes before what begins like one, and before
/// one of its own, so that to take one away gives the text back; a semicolon that a formula follows, which some
/// spreadsheets cut a line at, becomes \x3b.
[[nodiscard]] std::string formula_safe(std::string visible);

}  // namespace audit::report

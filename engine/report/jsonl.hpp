#pragma once

#include <iosfwd>

#include "report/report.hpp"

namespace audit::report {

/// A JSON object a line, whose `line` says what it is: a header, the rules, then each target with its checks, the checks
/// of the whole run, and a summary, without which the file is not whole. The objects are those of the JSON report.
void write_jsonl(const RunRecord& record, const Style& style, std::ostream& out);

}  // namespace audit::report

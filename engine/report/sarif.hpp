#pragma once

#include <iosfwd>

#include "report/report.hpp"

namespace audit::report {

/// SARIF 2.1.0, for code scanning. Results are the failures alone, those that a waiver covers with a suppression: GitHub
/// takes every result for an alert, whatever its kind. What was not seen (error, not_reviewed) is a notification of the
/// invocation, which is not successful where the run was incomplete; the rest is in the counts.
void write_sarif(const RunRecord& record, const Style& style, std::ostream& out);

}  // namespace audit::report

#pragma once

#include <iosfwd>

#include "report/report.hpp"

namespace audit::report {

/// JUnit XML, as the schema of Ant's has it: a testsuite a target, a testcase a check. A failure is one that no waiver
/// covers; what was not seen (error, not_reviewed) is an error; not_applicable and what is waived is skipped.
void write_junit(const RunRecord& record, const Style& style, std::ostream& out);

}  // namespace audit::report

#pragma once

#include <iosfwd>

#include "report/report.hpp"

namespace audit::report {

/// OSCAL 1.1.3 assessment results (NIST). Every result of a check is an observation; each failed one, waived or not, a
/// risk; each control that a rule or a person speaks of a finding, which is satisfied only where the run shows it to be.
/// UUIDs are made of the run's id and ordinals.
void write_oscal(const RunRecord& record, const Style& style, std::ostream& out);

}  // namespace audit::report

#pragma once

#include <iosfwd>

#include "report/report.hpp"

namespace audit::report {

// The parts of the text report, in the order in which they are written. Each writes nothing where it has nothing to say.

void write_matrix(const RunRecord& record, const Style& style, std::ostream& out);
void write_failures(const RunRecord& record, const Style& style, std::ostream& out);
void write_remarks(const RunRecord& record, const Style& style, std::ostream& out);
void write_unjudged(const RunRecord& record, const Style& style, std::ostream& out);
void write_waivers(const RunRecord& record, const Style& style, std::ostream& out);
void write_attestations(const RunRecord& record, const Style& style, std::ostream& out);
void write_parts_left_out(const RunRecord& record, const Style& style, std::ostream& out);
void write_unseen(const RunRecord& record, const Style& style, std::ostream& out);
/// Counts by framework, then the controls that are not satisfied; nothing where the run speaks of none.
void write_controls(const RunRecord& record, const Style& style, std::ostream& out);
void write_sources(const RunRecord& record, const Style& style, std::ostream& out);
void write_notices(const RunRecord& record, const Style& style, std::ostream& out);
void write_summary(const RunRecord& record, const Style& style, std::ostream& out);

}  // namespace audit::report

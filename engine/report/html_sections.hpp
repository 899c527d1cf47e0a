#pragma once

#include "report/page.hpp"
#include "report/report.hpp"

namespace audit::report {

// The parts of the page, in the order in which they are written.

[[nodiscard]] Markup style_sheet();
void write_verdict(const RunRecord& record, Page& page);
void write_scope(const RunRecord& record, Page& page);
void write_findings(const RunRecord& record, Page& page);
void write_waivers(const RunRecord& record, Page& page);
void write_attestations(const RunRecord& record, Page& page);
void write_information(const RunRecord& record, Page& page);
void write_services(const RunRecord& record, Page& page);
void write_targets(const RunRecord& record, Page& page);
void write_unseen(const RunRecord& record, Page& page);
/// What the run says of the controls, framework by framework; "" where there is none.
void write_controls(const RunRecord& record, Page& page);
void write_rules(const RunRecord& record, Page& page);
void write_provenance(const RunRecord& record, Page& page);

/// What the run left out of the inventory; "" where that is nothing.
void write_parts_left_out(const RunRecord& record, Page& page);

/// The evidence of one finding, unfolded or not, capped; what was left out is said.
void write_evidence(const Finding& finding, bool open, Page& page);

/// A status as a word with its shape and colour.
void write_status(Status status, Page& page);
/// A severity likewise.
void write_severity(Severity severity, Page& page);
/// "<p>… and N more <what>, in the JSON report.</p>" where `left` is not 0.
void write_left_out(std::uint64_t left, Markup what, Page& page);

}  // namespace audit::report

#pragma once

#include <set>
#include <string>
#include <string_view>

#include "report/page.hpp"
#include "report/report.hpp"

namespace audit::report {

// The parts of the page, in the order in which they are written.

[[nodiscard]] Markup style_sheet();
void write_verdict(const RunRecord& record, Page& page);
/// What was asked, when and from where, what was not judged, left out, dark or excluded.
void write_scope(const RunRecord& record, Page& page);
/// What is different from the last complete run, or the baseline.
void write_changes(const RunRecord& record, Page& page);
void write_findings(const RunRecord& record, Page& page);
void write_information(const RunRecord& record, Page& page);
/// What the run says of the controls, framework by framework.
void write_controls(const RunRecord& record, Page& page);
void write_targets(const RunRecord& record, Page& page);
void write_services(const RunRecord& record, Page& page);
/// Zones, subnets, hosts and what they offer, drawn.
void write_map(const RunRecord& record, Page& page);
/// How earlier runs came out, and this one.
void write_trend(const RunRecord& record, Page& page);
void write_certificates(const RunRecord& record, Page& page);
void write_waivers(const RunRecord& record, Page& page);
void write_attestations(const RunRecord& record, Page& page);
void write_rules(const RunRecord& record, Page& page);
void write_provenance(const RunRecord& record, Page& page);
/// Where people sign for what they read.
void write_signoff(const RunRecord& record, Page& page);

// What they are made of.

/// The candidates and excludes that are no targets: a part of the scope.
void write_unseen(const RunRecord& record, Page& page);
/// The fingerprints of the failures that `write_findings` has room for: links to others would lead nowhere.
[[nodiscard]] std::set<std::string> findings_on_page(const RunRecord& record);

/// What the run left out of the inventory; "" where that is nothing.
void write_parts_left_out(const RunRecord& record, Page& page);

/// The evidence of one finding, unfolded or not, capped; what was left out is said.
void write_evidence(const Finding& finding, bool open, Page& page);

/// A status as a word with its shape and colour.
void write_status(Status status, Page& page);
/// A severity likewise.
void write_severity(Severity severity, Page& page);
/// An address of the web as a link, anything else as text.
void write_reference(std::string_view reference, Page& page);
/// A row of a list of facts; "–" where nothing is known.
void write_fact(Markup name, const Text& value, Page& page);
/// "<p>… and N more <what>, in the JSON report.</p>" where `left` is not 0.
void write_left_out(std::uint64_t left, Markup what, Page& page);

}  // namespace audit::report

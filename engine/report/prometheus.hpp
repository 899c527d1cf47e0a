#pragma once

#include "report/metrics.hpp"
#include "report/report.hpp"

namespace audit::report {

/// For the textfile collector of a node exporter: counts, and by name what fails or was not seen.
void write_prometheus(const RunRecord& record, const Style& style, std::ostream& out);
/// When the run was that the replaced file says was the last complete one: an incomplete run does not know it.
void inherit_prometheus(const RunRecord& record, std::istream& replaced, Style& style);

/// By what a run's samples are told from those of another inventory: its name, else its path.
[[nodiscard]] std::string_view inventory_label(const RunRecord& record);
/// The families of a run, for who has more to add to them.
void put_run_metrics(const RunRecord& record, const Style& style, Metrics& metrics);

}  // namespace audit::report

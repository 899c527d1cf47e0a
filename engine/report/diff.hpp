#pragma once

#include <iosfwd>
#include <string_view>
#include <vector>

#include "base/observation_diff.hpp"
#include "base/run_diff.hpp"
#include "report/report.hpp"

namespace audit::report {

/// One format of a comparison of two runs: its word on the command line and its writers, of what failed and of what was
/// observed. The same comparison is always the same bytes.
struct DiffFormat {
  std::string_view name;
  std::string_view help;
  void (*write)(const RunDiff& diff, const Style& style, std::ostream& out);
  void (*write_observations)(const ObservationDiff& diff, const Style& style, std::ostream& out);
};

[[nodiscard]] const std::vector<DiffFormat>& diff_formats();
[[nodiscard]] const DiffFormat* find_diff_format(std::string_view name);

void write_diff_text(const RunDiff& diff, const Style& style, std::ostream& out);
void write_diff_json(const RunDiff& diff, const Style& style, std::ostream& out);
void write_diff_markdown(const RunDiff& diff, const Style& style, std::ostream& out);
void write_diff_html(const RunDiff& diff, const Style& style, std::ostream& out);

void write_observations_text(const ObservationDiff& diff, const Style& style, std::ostream& out);
void write_observations_json(const ObservationDiff& diff, const Style& style, std::ostream& out);
void write_observations_markdown(const ObservationDiff& diff, const Style& style, std::ostream& out);
void write_observations_html(const ObservationDiff& diff, const Style& style, std::ostream& out);

/// "2 new failures, 1 unknown now, 3 fixed, 12 still failing"; "nothing changed: 12 still failing".
[[nodiscard]] std::string headline_of(const RunDiff& diff);
/// Where a finding is: its endpoint, which names the address, or only the target; the target too where it is a name.
[[nodiscard]] std::string place_of(const DiffItem& item);
/// "since 2026-11-01, last seen 2026-11-20"; "" where nobody knows.
[[nodiscard]] std::string since(const DiffItem& item);
/// What of the plan is another one, in sentences; empty where it is the same.
[[nodiscard]] std::vector<std::string> plan_changes(const RunDiff& diff);

}  // namespace audit::report

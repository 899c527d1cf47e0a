#pragma once

#include <string>

#include "base/run_record.hpp"

namespace audit::cli {

// What the program says to whoever called it.
inline constexpr int exit_complete = 0;
inline constexpr int exit_findings = 1;    // an unwaived failure at or above --fail-on
inline constexpr int exit_incomplete = 2;  // coverage below require_coverage, cut short, or nothing planned
inline constexpr int exit_usage = 64;
inline constexpr int exit_internal = 70;
inline constexpr int exit_report = 73;
inline constexpr int exit_overlap = 75;  // another run of the inventory holds its lock
inline constexpr int exit_config = 78;   // a bad inventory, rule or waiver
inline constexpr int exit_sigint = 130;
inline constexpr int exit_sigterm = 143;

/// 0, 1, 2, 3, 130 or 143, by the run's results. `fail_on` is a severity, or "never".
[[nodiscard]] int exit_code_of(const RunRecord& record, const std::string& fail_on);

}  // namespace audit::cli

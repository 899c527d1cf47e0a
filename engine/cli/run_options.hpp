#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/comparison.hpp"
#include "cli/report_files.hpp"
#include "cli/source_options.hpp"
#include "cli/transcript_options.hpp"

namespace audit::cli {

/// The words of `audit run`, as they were typed.
struct RunOptions {
  Sources sources;
  std::vector<std::string> reports;
  std::string report_mode;
  std::string fail_on;
  std::string max_runtime;
  std::string trace;
  TranscriptOptions transcript;
  std::string state;
  bool resume = false;
  std::string on_overlap;
  std::string baseline;
  std::string format;
  bool quiet = false;
  bool no_notify = false;
};

void add_run_options(CLI::App& command, RunOptions& options);

/// Each --report, apart from each other and from what the run reads and records; none, and a message, where one cannot be.
[[nodiscard]] std::optional<std::vector<ReportWish>> report_wishes(const RunOptions& options);
/// Is --report-mode a mode, or not given? False, and a message, otherwise.
[[nodiscard]] bool check_report_mode(const RunOptions& options);
/// --max-runtime, zero where it was not given; none, and a message, where it is no duration.
[[nodiscard]] std::optional<Duration> runtime_limit(const RunOptions& options);
/// Is --fail-on a word that it takes, or not given? False, and a message, otherwise.
[[nodiscard]] bool check_fail_on(const RunOptions& options);

}  // namespace audit::cli

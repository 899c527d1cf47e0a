#include <fmt/format.h>

#include <iostream>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/comparison.hpp"
#include "cli/earlier_runs.hpp"
#include "cli/exit_code.hpp"
#include "cli/report_files.hpp"
#include "cli/report_mode.hpp"
#include "cli/state_options.hpp"
#include "store/history.hpp"

namespace audit::cli {
namespace {

struct ReportOptions {
  std::string run;
  std::vector<std::string> reports;
  std::string mode;
  std::string format;
  std::string baseline;
  std::string state;
};

/// With the runs before it. False, and a message, where the baseline that was asked for cannot be read.
bool compare(RunRecord& record, const std::string& scope, const ReportOptions& options) {
  if (Result<void> known = describe_past(record, options.state, scope); !known)
    std::cerr << "audit report: how earlier runs came out is not known: " << known.error().message << '\n';
  Result<std::optional<RunDiff>> diff = diff_since(record, options.baseline, options.state, scope);
  if (diff)
    record.changes = std::move(*diff);
  else
    std::cerr << "audit report: what changed is not known: " << diff.error().message << '\n';
  return diff || options.baseline.empty();
}

/// The record as its own run had it, with what it was compared with where `compared`.
std::optional<RunRecord> load(const ReportOptions& options, bool compared, int& code) {
  const Result<store::History> history = store::History::open(options.state);
  const Result<store::RunRow> run = history ? history->find(options.run) : Result<store::RunRow>(history.error());
  if (!run) {
    std::cerr << "audit report: " << run.error().message << '\n';
    code = exit_usage;
    return std::nullopt;
  }
  Result<RunRecord> record = history->load(*run);
  if (!record) {
    std::cerr << "audit report: " << record.error().message << '\n';
    code = exit_config;
    return std::nullopt;
  }
  if (compared && !compare(*record, run->scope, options)) {
    code = exit_usage;
    return std::nullopt;
  }
  return std::move(*record);
}

int report(ReportOptions options) {
  if (!need_state("report", options.state)) return exit_usage;
  if (!options.format.empty()) {
    if (const Result<void> known = check_console_format(options.format); !known) {
      std::cerr << "audit report: " << known.error().message << '\n';
      return exit_usage;
    }
    options.reports.push_back(options.format);
  }
  if (options.reports.empty()) options.reports = {"text"};
  const auto mode = report_mode(options.mode);
  if (!mode) {
    std::cerr << "audit report: " << mode.error().message << '\n';
    return exit_usage;
  }
  std::vector<ReportWish> wishes;
  int on_stdout = 0;
  for (const std::string& text : options.reports) {
    Result<ReportWish> wish = parse_report_wish(text);
    if (wish && wish->to_stdout() && ++on_stdout > 1)
      wish = Error(Reason::rule_error, "two reports cannot share standard output; give one a path");
    if (!wish) {
      std::cerr << "audit report: " << wish.error().message << '\n';
      return exit_usage;
    }
    wish->mode = *mode;
    wishes.push_back(std::move(*wish));
  }
  int code = exit_complete;
  const std::optional<RunRecord> record = load(options, compares(wishes), code);
  if (!record) return code;
  for (const ReportWish& wish : wishes)
    if (Result<void> written = write_report(wish, *record); !written) {
      std::cerr << "audit report: " << written.error().message << '\n';
      code = exit_report;
    }
  return code;
}

}  // namespace

void add_report(CLI::App& program, int& code) {
  CLI::App* command = program.add_subcommand("report", "A past run again, in any format");
  const auto options = std::make_shared<ReportOptions>();
  command->add_option("RUN", options->run, "Its id, a beginning of it, last, or last~1: the one before")->required();
  command->add_option("--report", options->reports, report_help())
      ->type_name("FORMAT[=PATH]")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  add_format_option(*command, options->format);
  add_report_mode_option(*command, options->mode);
  command
      ->add_option("--baseline", options->baseline,
                   "A run or a JSON report to compare with, instead of the last complete run before it")
      ->type_name("RUN|FILE");
  add_state_option(*command, options->state);
  command->footer(
      "Exit codes: 0 written; 64 usage, or no such run; 73 a report could not be written; 78 the run cannot be "
      "read.\n\n"
      "Example: audit report last --state /var/lib/audit --report html=run.html");
  command->callback([options, &code] { code = report(*options); });
}

}  // namespace audit::cli

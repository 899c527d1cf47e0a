#include "cli/run_options.hpp"

#include <algorithm>
#include <iostream>

#include "base/text.hpp"
#include "cli/report_mode.hpp"
#include "cli/report_places.hpp"
#include "cli/state_options.hpp"
#include "cli/trace.hpp"

namespace audit::cli {

void add_run_options(CLI::App& command, RunOptions& options) {
  add_source_options(command, options.sources);
  command.add_option("--report", options.reports, report_help())
      ->type_name("FORMAT[=PATH]")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  add_format_option(command, options.format);
  add_report_mode_option(command, options.report_mode);
  command
      .add_option("--fail-on", options.fail_on,
                  "Exit 1 from this severity up: critical high medium low info never; new:high for what is new only")
      ->type_name("SEVERITY");
  command
      .add_option("--max-runtime", options.max_runtime,
                  "Stop after so long (90s, 15m, 2h); what is left is not_reviewed")
      ->type_name("DURATION");
  add_state_option(command, options.state);
  command.add_flag("--resume", options.resume,
                   "Go on with the newest run of the inventory that has not come to its end: ask only what is left");
  command
      .add_option("--baseline", options.baseline,
                  "What new: of --fail-on compares with: a kept run or a JSON report; else the last complete run")
      ->type_name("RUN|FILE");
  command
      .add_option("--on-overlap", options.on_overlap,
                  "Where another run of the inventory goes on: fail (75), skip (0), wait, wait:10m")
      ->type_name("WORD");
  add_transcript_options(command, options.transcript);
  add_trace_option(command, options.trace);
  command.add_flag("--no-notify", options.no_notify, "Tell nobody of it: no [[notify]] of the inventory");
  command.add_flag("--quiet", options.quiet, "No progress line and no notes on standard error");
  command.footer(
      "Exit codes: 0 complete and clean; 1 an unwaived failure at or above --fail-on; 2 incomplete; 3 both;\n"
      "64 usage; 70 internal error; 73 a report or the history could not be written; 75 another run goes on;\n"
      "78 bad inventory or rule;\n"
      "130, 143 stopped by SIGINT, SIGTERM (the reports are written).\n\n"
      "Example: audit run --target 127.0.0.1 --select ssh --report json=run.json");
}

std::optional<std::vector<ReportWish>> report_wishes(const RunOptions& options) {
  std::vector<ReportWish> wishes;
  bool good = true;
  int on_stdout = 0;
  std::vector<std::string> texts = options.reports;
  if (!options.format.empty()) {
    if (const Result<void> known = check_console_format(options.format); !known) {
      std::cerr << "audit run: " << known.error().message << '\n';
      return std::nullopt;
    }
    texts.push_back(options.format);
  }
  for (const std::string& text : texts) {
    Result<ReportWish> wish = parse_report_wish(text);
    if (!wish) {
      std::cerr << "audit run: " << wish.error().message << '\n';
      good = false;
      continue;
    }
    if (wish->to_stdout() && ++on_stdout == 2) {
      std::cerr << "audit run: two reports cannot share standard output; give one a path, --report " << wish->format
                << "=PATH\n";
      good = false;
    }
    wishes.push_back(std::move(*wish));
  }
  const std::vector<TakenPlace> taken{{options.transcript.record, "--record"},
                                      {options.transcript.replay, "--replay"},
                                      {options.sources.inventory, "the inventory"}};
  for (const std::string& wrong : wrong_places(wishes, taken, "")) {
    std::cerr << "audit run: " << wrong << '\n';
    good = false;
  }
  if (!good) return std::nullopt;
  return wishes;
}

std::optional<Duration> runtime_limit(const RunOptions& options) {
  if (options.max_runtime.empty()) return Duration::zero();
  const auto parsed = parse_duration(options.max_runtime);
  if (parsed && *parsed != Duration::zero()) return parsed;
  std::cerr << "audit run: --max-runtime takes a duration such as 90s, 15m or 2h, not `" << visible(options.max_runtime)
            << "`\n";
  return std::nullopt;
}

bool check_report_mode(const RunOptions& options) {
  const auto mode = report_mode(options.report_mode);
  if (!mode) std::cerr << "audit run: " << mode.error().message << '\n';
  return static_cast<bool>(mode);
}

bool check_fail_on(const RunOptions& options) {
  if (options.fail_on.empty() || parse_fail_on(options.fail_on)) return true;
  std::cerr << "audit run: --fail-on takes critical, high, medium, low, info, never, or new:SEVERITY, not `"
            << visible(options.fail_on) << "`\n";
  return false;
}

}  // namespace audit::cli

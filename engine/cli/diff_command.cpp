#include <fmt/format.h>

#include <iostream>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/report_files.hpp"
#include "cli/run_source.hpp"
#include "cli/state_options.hpp"
#include "report/diff.hpp"

namespace audit::cli {
namespace {

struct DiffOptions {
  std::string before;
  std::string after;
  std::string state;
  std::string format = "text";
  bool observations = false;
};

/// Null, a message, and the exit code, where there is no such run or it cannot be read.
std::unique_ptr<RunSource> opened(const std::string& word, const std::string& state, Compared compared, int& code) {
  Result<std::unique_ptr<RunSource>> run = open_run(word, state, compared);
  if (run) return std::move(*run);
  std::cerr << "audit diff: " << run.error().message << '\n';
  code = exit_code_of_reading(run.error());
  return nullptr;
}

/// Writes the comparison, or says why there is none; the exit code.
template <class Diff>
int write(const Result<Diff>& result, void (*writer)(const Diff&, const report::Style&, std::ostream&)) {
  if (!result) {
    std::cerr << "audit diff: " << result.error().message << '\n';
    return exit_code_of_reading(result.error());
  }
  writer(*result, stdout_style(), std::cout);
  return result->exit_code();
}

int diff(const DiffOptions& options) {
  const report::DiffFormat* format = report::find_diff_format(options.format);
  if (format == nullptr) {
    std::cerr << "audit diff: --format takes text, json, markdown or html, not `" << visible(options.format) << "`\n";
    return exit_usage;
  }
  const std::string state = state_directory(options.state);
  const Compared compared = options.observations ? Compared::observations : Compared::findings;
  int code = exit_complete;
  const std::unique_ptr<RunSource> before = opened(options.before, state, compared, code);
  const std::unique_ptr<RunSource> after = opened(options.after, state, compared, code);
  if (!before || !after) return code;
  return options.observations ? write(compare_observations(*before, *after), format->write_observations)
                              : write(compare(*before, *after), format->write);
}

}  // namespace

void add_diff(CLI::App& program, int& code) {
  CLI::App* command = program.add_subcommand("diff", "What changed from one run to another");
  const auto options = std::make_shared<DiffOptions>();
  command
      ->add_option("BEFORE", options->before, "A run (its id, a beginning of it, last, last~1) or a JSON report's path")
      ->required();
  command->add_option("AFTER", options->after, "The later one; default: last")->default_str("last");
  add_state_option(*command, options->state);
  command->add_option("--format", options->format, "text, json, markdown or html")->type_name("FORMAT");
  command->add_flag("--observations", options->observations,
                    "What was observed, not what failed: open ports, certificates, SSH host keys and banners");
  command->footer(
      "Exit codes: 0 nothing new; 1 new failures that no waiver covers; 2 something that was judged is unknown now;\n"
      "3 both; 64 usage, or a run that is not there; 78 a run that cannot be read. With --observations: 0 the same;\n"
      "1 something is new, gone, changed, or was not known before; 2 something is unknown now; 3 both.\n"
      "What was not seen this time is unknown, never fixed and never gone.\n\n"
      "Examples: audit diff last~1 last --state /var/lib/audit\n"
      "          audit diff --observations yesterday.json today.json");
  command->callback([options, &code] {
    if (options->after.empty()) options->after = "last";
    code = diff(*options);
  });
}

}  // namespace audit::cli

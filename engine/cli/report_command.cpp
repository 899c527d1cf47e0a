#include <fmt/format.h>

#include <iostream>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/comparison.hpp"
#include "cli/earlier_runs.hpp"
#include "cli/exit_code.hpp"
#include "cli/late_signals.hpp"
#include "cli/report_bundle.hpp"
#include "cli/report_files.hpp"
#include "cli/report_mode.hpp"
#include "cli/report_places.hpp"
#include "cli/state_options.hpp"
#include "report/digest.hpp"
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
  BundleOptions bundle;
};

/// With the runs before it. An exit code, and a message, where the baseline that was asked for cannot be read; else 0.
int compare(RunRecord& record, const std::string& scope, const ReportOptions& options) {
  if (Result<void> known = describe_past(record, options.state, scope); !known)
    std::cerr << "audit report: how earlier runs came out is not known: " << known.error().message << '\n';
  Result<std::optional<Since>> since = diff_since(record, options.baseline, options.state, scope);
  if (!since)
    std::cerr << "audit report: what changed is not known: " << since.error().message << '\n';
  else if (*since)
    record.changes = std::move((*since)->diff);
  return since || options.baseline.empty() ? exit_complete : exit_code_of_reading(since.error());
}

/// The record as its own run had it, with what it was compared with where `compared`.
std::optional<RunRecord> load(const ReportOptions& options, bool compared, int& code) {
  const Result<store::History> history = store::History::open(options.state);
  const Result<store::RunRow> run = history ? history->find(options.run) : Result<store::RunRow>(history.error());
  if (!run) {
    std::cerr << "audit report: " << run.error().message << '\n';
    code = exit_code_of_reading(run.error());
    return std::nullopt;
  }
  Result<RunRecord> record = history->load(*run);
  if (!record) {
    std::cerr << "audit report: " << record.error().message << '\n';
    code = exit_code_of_reading(record.error());
    return std::nullopt;
  }
  if (compared) code = compare(*record, run->scope, options);
  if (code != exit_complete) return std::nullopt;
  return std::move(*record);
}

/// The reports that are wanted. Without a path one goes to standard output, or into the bundle alone.
Result<std::vector<ReportWish>> wishes_of(const ReportOptions& options) {
  const auto mode = report_mode(options.mode);
  if (!mode) return mode.error();
  std::vector<std::string> reports = options.reports;
  if (!options.format.empty()) {
    if (Result<void> known = check_console_format(options.format); !known) return known.error();
    reports.push_back(options.format + "=-");
  }
  if (reports.empty() && options.bundle.path.empty()) reports = {"text"};
  std::vector<ReportWish> wishes;
  int on_stdout = 0;
  for (const std::string& text : reports) {
    Result<ReportWish> wish = parse_report_wish(text);
    if (!wish) return wish.error();
    const bool packed_only = !options.bundle.path.empty() && wish->path.empty();
    if (!packed_only && wish->to_stdout() && ++on_stdout > 1)
      return Error(Reason::rule_error, "two reports cannot share standard output; give one a path");
    wish->mode = *mode;
    wishes.push_back(std::move(*wish));
  }
  std::vector<ReportWish> written = wishes;
  if (!options.bundle.path.empty()) written.push_back({"bundle", options.bundle.path});
  const std::vector<std::string> wrong = wrong_places(written, {{options.bundle.sign, "--sign"}}, options.state);
  if (!wrong.empty()) return Error(Reason::rule_error, wrong.front());
  return wishes;
}

/// Reports and bundle; false where one could not be written.
bool write_all(const std::vector<ReportWish>& wishes, const BundleOptions& bundle, const seal::SigningKey* key,
               const RunRecord& record) {
  std::vector<Result<void>> written;
  for (const ReportWish& wish : wishes)
    if (bundle.path.empty() || !wish.path.empty()) written.push_back(write_report(wish, record));
  if (!bundle.path.empty()) written.push_back(write_bundle(bundle, wishes, key, record));
  bool good = true;
  for (const Result<void>& one : written) {
    if (one) continue;
    std::cerr << "audit report: " << one.error().message << '\n';
    good = false;
  }
  return good;
}

int report(ReportOptions options) {
  if (!need_state("report", options.state)) return exit_usage;
  const bool bundled = !options.bundle.path.empty();
  const auto wishes = wishes_of(options);
  const auto key = signing_key(options.bundle.sign);
  if (!wishes || !key) {
    std::cerr << "audit report: " << (wishes ? key.error().message : wishes.error().message) << '\n';
    return exit_usage;
  }
  int code = exit_complete;
  std::optional<RunRecord> record = load(options, bundled || compares(*wishes), code);
  if (!record) return code;
  if (bundled || digests(*wishes)) record->digest = report::digest_of(*record).root;
  const LateSignals signals("audit report", LateSignals::Ends::first);
  return write_all(*wishes, options.bundle, key->get(), *record) ? exit_complete : exit_report;
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
  add_bundle_options(*command, options->bundle);
  add_state_option(*command, options->state);
  command->footer(
      "Exit codes: 0 written; 64 usage, or no such run; 73 a report could not be written; 78 the run cannot be "
      "read.\n\n"
      "Examples: audit report last --state /var/lib/audit --report html=run.html\n"
      "          audit report last --state /var/lib/audit --bundle run.tar.zst --sign auditor.key");
  command->callback([options, &code] {
    const BundleOptions& bundle = options->bundle;
    if (!bundle.path.empty() || (bundle.sign.empty() && bundle.rules.empty())) {
      code = report(*options);
      return;
    }
    std::cerr << "audit report: --sign and --rules are for a bundle: --bundle PATH\n";
    code = exit_usage;
  });
}

}  // namespace audit::cli

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <future>
#include <iostream>

#include "audit/run.hpp"
#include "base/text.hpp"
#include "cli/attendant.hpp"
#include "cli/commands.hpp"
#include "cli/credentials.hpp"
#include "cli/exit_code.hpp"
#include "cli/kept_input.hpp"
#include "cli/paths.hpp"
#include "cli/progress.hpp"
#include "cli/report_files.hpp"
#include "cli/run_head.hpp"
#include "cli/source_options.hpp"
#include "cli/supervisor.hpp"
#include "cli/trace.hpp"
#include "cli/transcript_options.hpp"
#include "cli/transcript_sink.hpp"
#include "cli/vantage.hpp"
#include "cli/version.hpp"
#include "inventory/source.hpp"
#include "inventory/time_zone.hpp"
#include "net/random_seed.hpp"

namespace audit::cli {
namespace {

struct RunOptions {
  Sources sources;
  std::vector<std::string> reports;
  std::string fail_on;
  std::string max_runtime;
  std::string trace;
  TranscriptOptions transcript;
  bool quiet = false;
};

bool read_wishes(const RunOptions& options, std::vector<ReportWish>& wishes) {
  bool good = true;
  int on_stdout = 0;
  for (const std::string& text : options.reports) {
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
    const auto shares = [&](const ReportWish& other) { return other.to_file() && same_file(other.path, wish->path); };
    if (std::any_of(wishes.begin(), wishes.end(), shares)) {
      std::cerr << "audit run: two reports cannot share " << visible(wish->path) << '\n';
      good = false;
    }
    for (const auto& [path, what] :
         {std::pair(options.transcript.record, "--record"), std::pair(options.transcript.replay, "--replay"),
          std::pair(options.sources.inventory, "the inventory")}) {
      if (wish->to_stdout() || path.empty() || !same_file(wish->path, path)) continue;
      std::cerr << "audit run: a report and " << what << " cannot share " << visible(wish->path) << '\n';
      good = false;
    }
    wishes.push_back(std::move(*wish));
  }
  return good;
}

/// False where a report cannot be written where it is wanted: told before the first packet, not after hours.
bool can_report(const std::vector<ReportWish>& wishes) {
  bool good = true;
  for (const ReportWish& wish : wishes) {
    const Result<void> tried = try_report_path(wish);
    if (tried) continue;
    std::cerr << "audit run: " << tried.error().message << "; nothing was sent\n";
    good = false;
  }
  return good;
}

/// What a run is recorded to, or replayed from; both null where it is neither.
struct Transcript {
  std::unique_ptr<TranscriptSink> sink;
  std::unique_ptr<net::Recording> recording;
};

/// Says what is recorded of the start.
void begin_recording(core::RunShared& shared, TranscriptSink& sink, const net::SystemNames& names, WallTime started) {
  shared.start.program = version;
  shared.start.plan = digest_of(shared.plan);
  shared.start.inventory = shared.plan.inventory->sha256;
  shared.start.seed = shared.plan.seed;
  shared.start.random_seed = net::random_key();
  shared.start.started = started;
  shared.start.resolv_conf = names.resolv_conf;
  shared.start.hosts = names.hosts;
  const probe::Credentials& credentials = *shared.identity.credentials;
  for (auto& [name, secret] : credentials.secrets()) shared.start.credentials.emplace(name, probe::shape_of(secret));
  sink.start(forms_for(shared.start.credentials, credentials), credentials.written_forms());
  shared.recorder = &sink;
}

/// Runs the plan with progress, signals and time limit; the record is ready to be reported.
RunRecord execute(const core::Plan& plan, const RunOptions& options, Duration limit, const Transcript& transcript,
                  const std::vector<std::string>& arguments, const Attempt& attempt) {
  net::Recording* replayed = transcript.recording.get();
  net::SystemNames names;
  if (replayed == nullptr) {
    names = net::SystemNames::read();
  } else {
    names.resolv_conf = replayed->start().resolv_conf;
    names.hosts = replayed->start().hosts;
  }
  const net::ResolverConfig resolvers = resolvers_of(*plan.inventory, names);
  const probe::Identity identity = identity_of(*plan.inventory, options.sources.allow_commands,
                                               replayed == nullptr ? nullptr : &replayed->start().credentials);
  net::Rate rate(plan.inventory->limits.rate);
  Attendant::block_signals();
  const WallTime started = wall_now();
  const Day today =
      inventory::day_in(plan.inventory->timezone, replayed == nullptr ? started : replayed->start().started);
  const Scrubber scrubber(identity.credentials->written_forms());
  Collector collector(plan, today, scrubber, [replayed](std::uint16_t port) {
    if (replayed == nullptr) return system_service(port);
    const auto named = replayed->end().services.find(port);
    return named == replayed->end().services.end() ? std::string() : named->second;
  });
  const std::unique_ptr<net::Tracer> tracer = make_tracer(options.trace, identity.credentials.get());
  core::RunShared shared(plan, rate, resolvers, identity, collector);
  shared.tracer = tracer.get();
  shared.recording = replayed;
  for (lua::OnCpu& shard : attempt.shards) shared.supervision.push_back({&shard, &attempt.stuck});
  if (transcript.sink) begin_recording(shared, *transcript.sink, names, started);
  core::Run run(shared, core::measure_machinery());
  Progress progress(collector.live(), plan.expansion->size(), options.quiet || tracer != nullptr);
  std::string stopped_by;
  core::RunOutcome outcome;
  {
    const auto stop = [&](const std::string& why) {
      stopped_by = why;
      run.stop();
    };
    const Attendant attendant(
        stop, [&] { progress.draw(); }, limit);
    outcome = run.execute();
  }
  progress.clear();
  if (outcome.failure) std::rethrow_exception(outcome.failure);
  RunRecord record = collector.finish(outcome);
  record.notices.insert(record.notices.end(), attempt.notices.begin(), attempt.notices.end());
  describe_head(record, started, stopped_by);
  record.run.command = repeated_by(arguments, scrubber);
  describe_resolvers(record, resolvers);
  if (replayed == nullptr) {
    describe_vantage(record);
  } else {
    const bool same_plan = replayed->start().plan == digest_of(plan);
    adopt_recorded(record, *replayed, options.transcript.replay, same_plan);
  }
  record.run.complete = record.run.stopped_by.empty();
  record.assess_controls();
  return record;
}

/// Writes the reports, files side by side; false where one could not be written.
bool report_all(const std::vector<ReportWish>& wishes, const RunRecord& record, bool quiet) {
  std::vector<std::future<Result<void>>> files;
  bool stdout_taken = false;
  bool text_shown = false;  // the report on standard output is what would be printed
  for (const ReportWish& wish : wishes) {
    if (wish.to_file()) files.push_back(std::async(write_report, std::cref(wish), std::cref(record)));
    stdout_taken = stdout_taken || wish.to_stdout();
    text_shown = text_shown || (wish.to_stdout() && wish.format == "text");
  }
  std::vector<Result<void>> written;
  for (const ReportWish& wish : wishes)
    if (!wish.to_file()) written.push_back(write_report(wish, record));
  if (!text_shown && (!quiet || !stdout_taken)) written.push_back(print_text(record, stdout_taken));
  for (std::future<Result<void>>& file : files) written.push_back(file.get());
  bool good = true;
  for (const Result<void>& one : written) {
    if (one) continue;
    std::cerr << "audit run: " << one.error().message << '\n';
    good = false;
  }
  return good;
}

int run(const RunOptions& options, const std::vector<std::string>& arguments, const Attempt& attempt) {
  std::vector<ReportWish> wishes;
  if (!read_wishes(options, wishes)) return exit_usage;
  if (!options.fail_on.empty() && options.fail_on != "never" && !parse_severity(options.fail_on)) {
    std::cerr << "audit run: --fail-on takes critical, high, medium, low, info or never, not `"
              << visible(options.fail_on) << "`\n";
    return exit_usage;
  }
  Duration limit{};
  if (!options.max_runtime.empty()) {
    const auto parsed = parse_duration(options.max_runtime);
    if (!parsed || *parsed == Duration::zero()) {
      std::cerr << "audit run: --max-runtime takes a duration such as 90s, 15m or 2h, not `"
                << visible(options.max_runtime) << "`\n";
      return exit_usage;
    }
    limit = std::max<Duration>(*parsed - attempt.spent, std::chrono::milliseconds(1));
  }
  Sources sources = options.sources;
  if (sources.inventory == "-") rewind_input();
  Transcript transcript;
  if (!options.transcript.replay.empty()) {
    Result<std::unique_ptr<net::Recording>> loaded = load_recording(options.transcript.replay);
    if (!loaded) {
      std::cerr << "audit run: " << loaded.error().message << '\n';
      return is_there(options.transcript.replay) ? exit_config : exit_usage;
    }
    transcript.recording = std::move(*loaded);
    if (!sources.seed) sources.seed = transcript.recording->start().seed;
  }
  int refused = exit_config;
  const std::shared_ptr<inventory::Inventory> inventory = load_inventory(sources, refused);
  if (!inventory) return refused;
  const std::unique_ptr<core::Plan> plan = prepare_plan(sources, inventory, refused);
  if (!plan) return refused;
  if (transcript.recording) {
    const std::map<std::string, std::string>& shapes = transcript.recording->start().credentials;
    const auto credentials = replay_credentials(*inventory, sources.allow_commands, shapes);
    if (Result<void> restored = transcript.recording->restore(forms_for(shapes, *credentials)); !restored) {
      std::cerr << "audit run: " << visible(options.transcript.replay) << ": " << restored.error().message << '\n';
      return exit_config;
    }
  }
  if (!can_report(wishes)) return exit_report;
  if (!options.transcript.record.empty()) {
    if (attempt.number > 1) unlink(options.transcript.record.c_str());  // what the attempt before this one began
    Result<std::unique_ptr<TranscriptSink>> created = TranscriptSink::create(options.transcript.record);
    if (!created) {
      std::cerr << "audit run: " << created.error().message << "; nothing was sent\n";
      return exit_report;
    }
    transcript.sink = std::move(*created);
  }
  // Left to the end of the process: to free its pieces one by one takes half as long as to write them.
  static RunRecord& record = *new RunRecord(execute(*plan, options, limit, transcript, arguments, attempt));
  bool unwritten = false;
  if (transcript.sink) {
    transcript.sink->add(describe_end(record));
    if (Result<void> written = transcript.sink->finish(); !written) {
      std::cerr << "audit run: " << written.error().message << '\n';
      unwritten = true;
    }
  }
  int code =
      unwritten ? exit_report : exit_code_of(record, options.fail_on.empty() ? inventory->fail_on : options.fail_on);
  if (!report_all(wishes, record, options.quiet)) code = exit_report;
  if (record.summary.planned == 0)
    std::cerr << "audit run: nothing was planned: no target answered, or no rule is selected for those that did\n";
  for (const ReportWish& wish : wishes) {
    std::error_code failure;
    if (!options.quiet && !wish.to_stdout() && std::filesystem::exists(wish.path, failure))
      std::cerr << wish.format << " report: " << visible(wish.path) << '\n';
  }
  return code;
}

}  // namespace

void add_run(CLI::App& program, const std::vector<std::string>& arguments, int& code) {
  CLI::App* command = program.add_subcommand("run", "Ask every target the questions of the rules, and report");
  const auto options = std::make_shared<RunOptions>();
  add_source_options(*command, options->sources);
  command->add_option("--report", options->reports, "text, json, html or prometheus; without =PATH on standard output")
      ->type_name("FORMAT[=PATH]")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command
      ->add_option("--fail-on", options->fail_on, "Exit 1 from this severity up: critical high medium low info never")
      ->type_name("SEVERITY");
  command
      ->add_option("--max-runtime", options->max_runtime,
                   "Stop after so long (90s, 15m, 2h); what is left is not_reviewed")
      ->type_name("DURATION");
  add_transcript_options(*command, options->transcript);
  add_trace_option(*command, options->trace);
  command->add_flag("--quiet", options->quiet, "No progress line and no notes on standard error");
  command->footer(
      "Exit codes: 0 complete and clean; 1 an unwaived failure at or above --fail-on; 2 incomplete; 3 both;\n"
      "64 usage; 70 internal error; 73 a report could not be written; 78 bad inventory or rule;\n"
      "130, 143 stopped by SIGINT, SIGTERM (the reports are written).\n\n"
      "Example: audit run --target 127.0.0.1 --select ssh --report json=run.json");
  command->callback([options, command, &arguments, &code] {
    if (!check_sources(*command, options->sources) || !check_transcript_options(options->transcript)) {
      code = exit_usage;
      return;
    }
    if (options->sources.inventory == "-") keep_input(inventory::largest_file + 1);
    code = supervise([&](const Attempt& attempt) { return run(*options, arguments, attempt); });
  });
}

}  // namespace audit::cli

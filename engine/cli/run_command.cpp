#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <future>
#include <iostream>
#include <optional>

#include "audit/run.hpp"
#include "base/text.hpp"
#include "cli/attendant.hpp"
#include "cli/commands.hpp"
#include "cli/comparison.hpp"
#include "cli/credentials.hpp"
#include "cli/exit_code.hpp"
#include "cli/journaling.hpp"
#include "cli/kept_input.hpp"
#include "cli/notifying.hpp"
#include "cli/paths.hpp"
#include "cli/progress.hpp"
#include "cli/report_files.hpp"
#include "cli/run_head.hpp"
#include "cli/run_lock.hpp"
#include "cli/run_source.hpp"
#include "cli/source_options.hpp"
#include "cli/state_options.hpp"
#include "cli/supervisor.hpp"
#include "cli/trace.hpp"
#include "cli/transcript_options.hpp"
#include "cli/transcript_sink.hpp"
#include "cli/vantage.hpp"
#include "cli/version.hpp"
#include "inventory/source.hpp"
#include "inventory/time_zone.hpp"
#include "net/random_seed.hpp"
#include "store/history.hpp"

namespace audit::cli {
namespace {

struct RunOptions {
  Sources sources;
  std::vector<std::string> reports;
  std::string fail_on;
  std::string max_runtime;
  std::string trace;
  TranscriptOptions transcript;
  std::string state;
  bool resume = false;
  std::string on_overlap;
  std::string baseline;
  bool quiet = false;
  bool no_notify = false;
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

/// Why a run was stopped: the first reason counts, from whichever thread it comes.
class Stop {
 public:
  explicit Stop(core::Run& run) : run_(run) {}
  void operator()(const std::string& why) {
    {
      const std::lock_guard lock(mutex_);
      if (why_.empty()) why_ = why;
    }
    run_.stop();
  }
  [[nodiscard]] std::string why() const {
    const std::lock_guard lock(mutex_);
    return why_;
  }

 private:
  core::Run& run_;
  mutable std::mutex mutex_;
  std::string why_;
};

/// Runs the plan with progress, signals and time limit; the record is ready to be reported. Error: what was kept of the
/// run before cannot be read.
Result<RunRecord> execute(const core::Plan& plan, const RunOptions& options, Duration limit,
                          const Transcript& transcript, const std::vector<std::string>& arguments,
                          const Attempt& attempt, Journaling* journaling) {
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
  const WallTime started = journaling == nullptr ? wall_now() : journaling->start().started;
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
  if (journaling != nullptr) {
    const Result<std::uint64_t> restored = journaling->restore(shared);
    if (!restored) return restored.error();
  }
  core::Run run(shared, core::measure_machinery());
  Progress progress(collector.live(), plan.expansion->size(), options.quiet || tracer != nullptr);
  Stop stop(run);
  if (journaling != nullptr)
    journaling->begin(collector, scrubber, [&stop](const Error&) { stop("a fault of the history"); });
  core::RunOutcome outcome;
  {
    const Attendant attendant(
        std::ref(stop), [&] { progress.draw(); }, limit);
    outcome = run.execute();
  }
  if (journaling != nullptr) journaling->end(collector);
  progress.clear();
  if (outcome.failure) std::rethrow_exception(outcome.failure);
  RunRecord record = collector.finish(outcome);
  record.notices.insert(record.notices.end(), attempt.notices.begin(), attempt.notices.end());
  describe_head(record, started, stop.why());
  if (journaling != nullptr) record.run.id = journaling->start().id;
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

/// No two runs of one inventory at a time, where runs are kept. False, and a message, where this one may not begin.
bool lock_inventory(const RunOptions& options, const std::string& state, const std::vector<std::string>& arguments,
                    std::optional<RunLock>& lock, int& code) {
  const Result<Overlap> overlap = parse_overlap(options.on_overlap.empty() ? "fail" : options.on_overlap);
  if (!overlap) {
    std::cerr << "audit run: " << overlap.error().message << '\n';
    code = exit_usage;
    return false;
  }
  LockWish wish{state, inventory_key(options.sources), *overlap, repeated_by(arguments, Scrubber({}))};
  wish.say = [](const std::string& words) { std::cerr << "audit run: " << words << '\n'; };
  LockOutcome outcome = take_run_lock(wish);
  if (!outcome.message.empty()) std::cerr << "audit run: " << outcome.message << "; nothing was sent\n";
  if (!outcome.notice.empty()) std::cerr << "audit run: " << outcome.notice << '\n';
  lock = std::move(outcome.lock);
  code = outcome.code;
  return lock.has_value();
}

/// The run to be resumed: because the user asked, or because the process died that did the work; none is a new run.
/// False, and a message, where the user asked and there is none.
bool find_unfinished(const RunOptions& options, const std::string& state, const Attempt& attempt,
                     std::optional<store::RunStart>& found) {
  if (!options.resume && attempt.number == 1) return true;
  if (state.empty()) {
    if (options.resume) std::cerr << "audit run: --resume needs the directory that the run is kept in: --state DIR\n";
    return !options.resume;
  }
  Result<store::RunStart> start = unfinished_run(state, inventory_key(options.sources));
  if (start && (options.resume || start->started >= attempt.began)) {
    found = std::move(*start);
    return true;
  }
  if (!options.resume) return true;
  std::cerr << "audit run: " << start.error().message << "; without --resume a new one is begun\n";
  return false;
}

/// Begins the run in the history, or goes on with it; null where there is no history to keep, or `code` is set.
std::unique_ptr<Journaling> open_journal(const std::string& state, const core::Plan& plan, const Sources& sources,
                                         const std::optional<store::RunStart>& unfinished, int& code) {
  store::RunStart start = start_of(plan, sources);
  start.started = unfinished ? unfinished->started : wall_now();
  start.id = unfinished ? unfinished->id : make_run_id(start.started);
  if (unfinished) {
    const std::vector<std::string> changes = store::changes_between(*unfinished, start);
    for (const std::string& change : changes)
      std::cerr << "audit run: " << visible(change) << " since run " << unfinished->id << " began\n";
    if (!changes.empty()) {
      std::cerr
          << "audit run: what it asked and what would be asked now are not one run; undo that, or begin a new one "
             "without --resume. Nothing was sent\n";
      code = exit_config;
      return nullptr;
    }
  }
  Result<std::unique_ptr<Journaling>> journaling = Journaling::open(state, std::move(start), unfinished.has_value());
  if (journaling) return std::move(*journaling);
  std::cerr << "audit run: " << journaling.error().message << "; nothing was sent\n";
  code = exit_report;
  return nullptr;
}

/// Keeps the run, and has the record say since when its failures are seen. False, and a message, where it is not kept.
bool finish_journal(Journaling& journaling, RunRecord& record) {
  const Result<void> kept = journaling.finish(record);
  if (!kept) {
    std::cerr << "audit run: " << kept.error().message << '\n';
    return false;
  }
  Result<std::map<std::string, WallTime>> first = journaling.first_seen();
  if (first)
    record.first_seen = std::move(*first);
  else
    std::cerr << "audit run: since when failures are seen is not known: " << first.error().message << '\n';
  return true;
}

/// What is different from the baseline, or from the last complete run; none where there is nothing to compare with.
std::optional<RunDiff> diff_of(const RunRecord& record, const FailOn& fail_on, const RunOptions& options,
                               const std::string& state, const Journaling* journaling) {
  const std::string scope = journaling == nullptr ? "" : journaling->start().scope;
  Result<std::optional<RunDiff>> diff = diff_since(record, options.baseline, journaling == nullptr ? "" : state, scope);
  if (!diff) std::cerr << "audit run: what changed is not known: " << diff.error().message << '\n';
  if (diff && *diff) return std::move(*diff);
  if (fail_on.only_new)
    std::cerr << "audit run: there is no earlier run to compare with: every failure counts as new\n";
  return std::nullopt;
}

/// Removes past runs beyond [history] keep. What cannot be removed is told, and no fault of this run.
void prune_history(const std::string& state, const inventory::HistorySettings& settings, bool quiet) {
  const store::Retention retention{settings.runs, settings.age, settings.bytes};
  if (!retention.runs && !retention.age && !retention.bytes) return;
  Result<store::History> history = store::History::open(state, store::Access::write);
  const auto gone = history ? history->prune(retention, wall_now(), false) : history.error();
  if (!gone)
    std::cerr << "audit run: past runs are all kept: " << gone.error().message << '\n';
  else if (!gone->empty() && !quiet)
    std::cerr << counted(gone->size(), "past run") << " beyond [history] keep removed\n";
}

int run(const RunOptions& options, const std::vector<std::string>& arguments, const Attempt& attempt,
        std::optional<RunLock>& lock) {
  std::vector<ReportWish> wishes;
  if (!read_wishes(options, wishes)) return exit_usage;
  if (!options.fail_on.empty() && !parse_fail_on(options.fail_on)) {
    std::cerr << "audit run: --fail-on takes critical, high, medium, low, info, never, or new:SEVERITY, not `"
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
  const std::string state = state_directory(options.state, inventory.get());
  if (state.empty() && !options.on_overlap.empty()) {
    std::cerr << "audit run: --on-overlap needs the directory that locks and runs are kept in: --state DIR\n";
    return exit_usage;
  }
  if (!state.empty() && !lock && !lock_inventory(options, state, arguments, lock, refused)) return refused;
  std::optional<store::RunStart> unfinished;
  if (!find_unfinished(options, state, attempt, unfinished)) return exit_usage;
  if (unfinished) sources.seed = unfinished->seed;
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
  if (!options.baseline.empty()) {
    if (const auto known = open_run(options.baseline, state); !known) {
      std::cerr << "audit run: --baseline: " << known.error().message << "; nothing was sent\n";
      return exit_usage;
    }
  }
  std::unique_ptr<Journaling> journaling;
  if (!state.empty()) {
    Attendant::block_signals();  // before the journal has a thread that they could end the process by
    journaling = open_journal(state, *plan, options.sources, unfinished, refused);
    if (!journaling) return refused;
    lock->name_run(journaling->start().id);
  }
  std::optional<Notifying> notifying;  // a replayed run is over: nobody is told of it again
  if (!options.no_notify && !transcript.recording) notifying.emplace(*inventory, sources.allow_commands, options.quiet);
  if (notifying && attempt.number == 1) notifying->begin();
  Result<RunRecord> executed = execute(*plan, options, limit, transcript, arguments, attempt, journaling.get());
  if (!executed) {
    std::cerr << "audit run: " << executed.error().message << "; nothing was sent\n";
    return exit_report;
  }
  // Left to the end of the process: to free its pieces one by one takes half as long as to write them.
  static RunRecord& record = *new RunRecord(std::move(*executed));
  bool unwritten = journaling && !finish_journal(*journaling, record);
  if (transcript.sink) {
    transcript.sink->add(describe_end(record));
    if (Result<void> written = transcript.sink->finish(); !written) {
      std::cerr << "audit run: " << written.error().message << '\n';
      unwritten = true;
    }
  }
  const FailOn fail_on = *parse_fail_on(options.fail_on.empty() ? inventory->fail_on : options.fail_on);
  const bool somebody_asks =
      fail_on.only_new || !options.baseline.empty() || (notifying && !inventory->notifiers.empty());
  const std::optional<RunDiff> diff =
      somebody_asks ? diff_of(record, fail_on, options, state, journaling.get()) : std::nullopt;
  int code = unwritten ? exit_report : exit_code_of(record, fail_on, diff);
  if (!report_all(wishes, record, options.quiet)) code = exit_report;
  if (record.summary.planned == 0)
    std::cerr << "audit run: nothing was planned: no target answered, or no rule is selected for those that did\n";
  for (const ReportWish& wish : wishes) {
    std::error_code failure;
    if (!options.quiet && !wish.to_stdout() && std::filesystem::exists(wish.path, failure))
      std::cerr << wish.format << " report: " << visible(wish.path) << '\n';
  }
  if (journaling && record.run.complete) prune_history(state, inventory->history, options.quiet);
  if (notifying) {
    const auto change = diff ? std::optional(change_of(record, *diff)) : std::nullopt;
    for (const notify::Outcome& told : notifying->end(record, code, change))
      if (journaling) journaling->journal().note({told.notifier, told.condition, told.attempts, told.ok, told.message});
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
      ->add_option("--fail-on", options->fail_on,
                   "Exit 1 from this severity up: critical high medium low info never; new:high for what is new only")
      ->type_name("SEVERITY");
  command
      ->add_option("--max-runtime", options->max_runtime,
                   "Stop after so long (90s, 15m, 2h); what is left is not_reviewed")
      ->type_name("DURATION");
  add_state_option(*command, options->state);
  command->add_flag("--resume", options->resume,
                    "Go on with the newest run of the inventory that has not come to its end: ask only what is left");
  command
      ->add_option("--baseline", options->baseline,
                   "What new: of --fail-on compares with: a kept run or a JSON report; else the last complete run")
      ->type_name("RUN|FILE");
  command
      ->add_option("--on-overlap", options->on_overlap,
                   "Where another run of the inventory goes on: fail (75), skip (0), wait, wait:10m")
      ->type_name("WORD");
  add_transcript_options(*command, options->transcript);
  add_trace_option(*command, options->trace);
  command->add_flag("--no-notify", options->no_notify, "Tell nobody of it: no [[notify]] of the inventory");
  command->add_flag("--quiet", options->quiet, "No progress line and no notes on standard error");
  command->footer(
      "Exit codes: 0 complete and clean; 1 an unwaived failure at or above --fail-on; 2 incomplete; 3 both;\n"
      "64 usage; 70 internal error; 73 a report or the history could not be written; 75 another run goes on;\n"
      "78 bad inventory or rule;\n"
      "130, 143 stopped by SIGINT, SIGTERM (the reports are written).\n\n"
      "Example: audit run --target 127.0.0.1 --select ssh --report json=run.json");
  command->parse_complete_callback([options] {});  // keeps them for who takes the command with a callback of its own
  command->callback([options, command, &arguments, &code] {
    if (!check_sources(*command, options->sources) || !check_transcript_options(options->transcript)) {
      code = exit_usage;
      return;
    }
    if (options->sources.inventory == "-") keep_input(inventory::largest_file + 1);
    std::optional<RunLock> lock;  // of this process and of the one that does the work, as long as either lives
    const std::string state = state_directory(options->state);
    if (!state.empty() && !lock_inventory(*options, state, arguments, lock, code)) return;
    code = supervise([&](const Attempt& attempt) { return run(*options, arguments, attempt, lock); });
  });
}

}  // namespace audit::cli

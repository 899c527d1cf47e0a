#include <fmt/format.h>

#include <csignal>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/kept_input.hpp"
#include "cli/report_files.hpp"
#include "cli/report_places.hpp"
#include "cli/source_options.hpp"
#include "cli/state_options.hpp"
#include "cli/supervisor.hpp"
#include "cli/watch_memory.hpp"
#include "cli/watch_output.hpp"
#include "cli/watch_schedule.hpp"
#include "cli/watch_sight.hpp"
#include "cli/watch_textfile.hpp"
#include "cli/watch_work.hpp"
#include "inventory/source.hpp"

namespace audit::cli {
namespace {

/// Tests that count thousands of rounds want them sooner (AUDIT_WATCH_LEAST).
Duration least_interval() {
  const char* wanted = std::getenv("AUDIT_WATCH_LEAST");
  return parse_duration(wanted == nullptr ? "" : wanted).value_or(std::chrono::milliseconds(100));
}

struct WatchOptions {
  Sources sources;
  std::string every = "30s";
  std::string jitter;
  std::uint32_t confirm = 3;
  std::uint64_t rounds = 0;
  std::string fail_on;
  std::string textfile;
  bool json = false;
  bool no_notify = false;
  bool quiet = false;
};

struct Interval {
  Duration every{};
  Duration jitter{};
};

std::optional<Interval> read_interval(const WatchOptions& options) {
  Interval interval;
  const std::optional<Duration> every = parse_duration(options.every);
  if (!every || *every == Duration::zero() || *every < least_interval()) {
    std::cerr << "audit watch: --every takes a duration of at least " << format_duration(least_interval())
              << ", such as 30s or 5m, not `" << visible(options.every) << "`\n";
    return std::nullopt;
  }
  interval.every = *every;
  const std::optional<Duration> jitter = options.jitter.empty() ? *every / 10 : parse_duration(options.jitter);
  if (!jitter || *jitter >= *every) {
    std::cerr << "audit watch: --jitter takes a duration below that of --every, or 0, not `" << visible(options.jitter)
              << "`\n";
    return std::nullopt;
  }
  interval.jitter = *jitter;
  return interval;
}

/// One process's part of a watch, from its first round to a signal or the last.
class Watch {
 public:
  Watch(const WatchOptions& options, Interval interval, std::unique_ptr<WatchWork> work, const Attempt& attempt,
        WatchMemory& memory)
      : options_(options), interval_(interval), attempt_(attempt), memory_(memory), progress_(options.confirm),
        output_(options.json, options.quiet), work_(std::move(work)) {
    const bool resumed = resume();
    if (!resumed) progress_.start = std::chrono::steady_clock::now();
    if (work_->notifying() != nullptr && !resumed) work_->notifying()->begin();
  }

  int watch() {
    WatchSignals signals;
    const WatchSchedule schedule(progress_.start, interval_.every, interval_.jitter, work_->plan().seed);
    WatchSignals::Asked asked;
    asked.summarize = [this] {
      output_.summary(progress_);
      (void)output_.flush();
    };
    asked.reload = [this] { reload(); };
    bool heard = true;
    while (heard && !ended() && signals.wait_until(schedule.begin_of(progress_.number), asked)) {
      WatchRound round = work_->runner().run(signals);
      if (!round.record.run.complete) break;
      const std::uint64_t next = schedule.next(progress_.number, std::chrono::steady_clock::now());
      take(round, next - progress_.number - 1);
      heard =
          output_
              .flush();  // before it is remembered: a process that dies in between says a change twice, never not at all
      progress_.number = next;
      remember();
    }
    const bool all_done = ended();
    stop_telling([&] { return !all_done || !signals.stopped_by().empty(); });
    const std::string why = signals.stopped_by();
    if (why == "SIGHUP") return exit_sigterm;  // there is nobody to be told
    output_.summary(progress_);
    if (!output_.flush()) return exit_report;
    if (!why.empty() && !ended()) return why == "SIGINT" ? exit_sigint : exit_sigterm;
    return unwritten_ ? exit_report : code_;
  }

 private:
  [[nodiscard]] bool ended() const { return options_.rounds > 0 && progress_.rounds >= options_.rounds; }

  /// Goes on where a process before this one died.
  bool resume() {
    const std::string kept = memory_.kept();
    WatchProgress read(options_.confirm);
    if (kept.empty() || !read.read(kept)) return false;
    progress_ = std::move(read);
    return true;
  }

  void remember() {
    if (memory_.keep(progress_.written()) || forgetful_) return;
    std::cerr
        << "audit watch: there is no memory to keep the states in: should this process die, the watch begins anew\n";
    forgetful_ = true;
  }

  /// Between two rounds; one that cannot be read leaves everything as it was.
  void reload() {
    int refused = exit_config;
    std::unique_ptr<WatchWork> next =
        WatchWork::prepare(options_.sources, !options_.no_notify, attempt_, refused, work_.get());
    if (!next) {
      output_.note("the watch goes on with the inventory and the rules as they were read before");
      return;
    }
    output_.reloaded(difference_of(work_->plan(), next->plan()), progress_.rounds);
    (void)output_.flush();
    stop_telling([] { return true; });
    work_ = std::move(next);
    reloaded_ = true;
  }

  /// What the inventory has no more is no change of the network.
  void forget(const RoundSight& sight) {
    progress_.states.keep([&](const WatchKey& key) { return sight.knows(key); });
    std::erase_if(progress_.trips, [&](const auto& trip) { return !sight.knows({Watched::target, trip.first, ""}); });
  }

  void stop_telling(const std::function<bool()>& hurried) {
    if (work_->notifying() != nullptr) work_->notifying()->finish(hurried);
    say_who_was_told();
  }

  void take(WatchRound& round, std::uint64_t skipped) {
    RunRecord& record = round.record;
    ++progress_.rounds;
    progress_.skipped += skipped;
    for (const auto& [target, echoes] : round.echoes) progress_.trips[target].add(echoes);
    for (auto& [target, trip] : progress_.trips)
      if (!round.echoes.contains(target)) trip.last.reset();
    code_ = exit_code_of(record, options_.fail_on.empty() ? work_->inventory().fail_on : options_.fail_on);
    const RoundSight sight(record);
    if (std::exchange(reloaded_, false)) forget(sight);
    const auto absent = [&](const WatchKey& key) { return sight.absent(key); };
    const std::vector<WatchChange> changes =
        progress_.states.see(sight.all(), absent, progress_.rounds, record.run.finished);
    if (!changes.empty()) output_.changes(changes);
    if (work_->notifying() != nullptr) tell(record, changes);
    output_.round(round, progress_, skipped, interval_.every);
    if (!options_.textfile.empty()) write(record);
  }

  /// The baseline is told to nobody: it is what changes are counted from.
  void tell(const RunRecord& record, const std::vector<WatchChange>& changes) {
    const RoundFacts facts{record, code_, progress_.rounds, std::exchange(last_round_, record.run.id)};
    const bool baseline = !changes.empty() && changes.front().from.empty();
    work_->notifying()->round(facts, baseline ? std::vector<WatchChange>() : changes);
    say_who_was_told();
  }

  void say_who_was_told() {
    if (work_->notifying() == nullptr) return;
    for (const std::string& note : work_->notifying()->take_notes(!options_.quiet)) output_.note(note);
  }

  void write(RunRecord& record) {
    show_confirmed(record, progress_.states);
    const Result<void> written = write_textfile(options_.textfile, record, progress_);
    if (!written && !unwritten_)
      std::cerr << "audit watch: " << written.error().message << "; trying again each round\n";
    unwritten_ = !written;
  }

  const WatchOptions& options_;
  Interval interval_;
  const Attempt& attempt_;
  WatchMemory& memory_;
  WatchProgress progress_;
  WatchOutput output_;
  std::unique_ptr<WatchWork> work_;
  bool reloaded_ = false;       // since the last round
  std::string last_round_;      // the id of its run
  int code_ = exit_incomplete;  // of the last round
  bool unwritten_ = false;
  bool forgetful_ = false;
};

int watch(const WatchOptions& options, const Attempt& attempt, WatchMemory& memory) {
  if (!options.fail_on.empty() && options.fail_on != "never" && !parse_severity(options.fail_on)) {
    std::cerr << "audit watch: --fail-on takes critical, high, medium, low, info or never, not `"
              << visible(options.fail_on) << "`\n";
    return exit_usage;
  }
  const std::optional<Interval> interval = read_interval(options);
  if (!interval) return exit_usage;
  if (!options.textfile.empty()) {
    const ReportWish wish{"prometheus", options.textfile};
    const std::vector<std::string> wrong =
        wrong_places({wish}, {{options.sources.inventory, "the inventory"}}, state_directory(""));
    for (const std::string& one : wrong) std::cerr << "audit watch: " << one << "; nothing was sent\n";
    if (!wrong.empty()) return exit_usage;
    const Result<void> tried = try_report_path(wish);
    if (!tried) {
      std::cerr << "audit watch: " << tried.error().message << "; nothing was sent\n";
      return exit_report;
    }
  }
  WatchSignals::block();
  int refused = exit_config;
  std::unique_ptr<WatchWork> work = WatchWork::prepare(options.sources, !options.no_notify, attempt, refused);
  if (!work) return refused;
  return Watch(options, *interval, std::move(work), attempt, memory).watch();
}

/// A watch has no end that it could be begun again from, and a rule that spins must not be its end: whatever check holds a
/// processor is left out from then on, unknown, and only processes that die young and teach nothing are counted.
int watch_supervised(const WatchOptions& options) {
  SupervisorLimits limits;
  limits.lasting = std::chrono::minutes(10);
  limits.also_heard = {SIGUSR1, SIGHUP};
  sigset_t asking;
  sigemptyset(&asking);
  for (const int signal : limits.also_heard) sigaddset(&asking, signal);
  pthread_sigmask(SIG_BLOCK, &asking, nullptr);  // nobody is to die of it before it is heard
  WatchMemory memory;
  return supervise([&](const Attempt& attempt) { return watch(options, attempt, memory); }, limits);
}

}  // namespace

void add_watch(CLI::App& program, int& code) {
  CLI::App* command = program.add_subcommand("watch", "Ask the same again and again, and say what changes");
  const auto options = std::make_shared<WatchOptions>();
  add_source_options(*command, options->sources);
  command->add_option("--every", options->every, "Between the begins of two rounds: 30s, 5m (default 30s)")
      ->type_name("DURATION");
  command
      ->add_option("--jitter", options->jitter,
                   "A round begins up to so much later, by chance (default a tenth of --every)")
      ->type_name("DURATION");
  command->add_option("--confirm", options->confirm, "So many equal results in a row change a state (default 3)")
      ->check(CLI::Range(1, 1000))
      ->type_name("N");
  command->add_option("--rounds", options->rounds, "End after so many, with the exit code of the last; 0: never")
      ->check(not_negative)
      ->type_name("N");
  command
      ->add_option("--fail-on", options->fail_on, "Exit 1 from this severity up: critical high medium low info never")
      ->type_name("SEVERITY");
  command->add_option("--textfile", options->textfile, "Write metrics for Prometheus here after each round")
      ->type_name("PATH");
  add_json_option(*command, options->json);
  command->add_flag("--no-notify", options->no_notify, "Tell nobody of changes: no [[notify]] of the inventory");
  command->add_flag("--quiet", options->quiet, "No status line and no notes on standard error");
  command->footer(
      "The first round is the baseline; from then on each change is a line. What cannot be seen is unknown, never up\n"
      "or a pass. SIGUSR1 prints a summary with round trips and losses, SIGHUP reads inventory and rules again, SIGINT "
      "and\n"
      "SIGTERM end with a summary.\n"
      "Exit codes: 130, 143 ended by SIGINT, SIGTERM; with --rounds those of `audit run`, of the last round;\n"
      "64 usage; 70 internal error; 73 what it says or the metrics could not be written; 78 bad inventory or rule.\n\n"
      "Example: audit watch inventory.toml --every 30s --select exposure --textfile audit.prom");
  command->callback([options, command, &code] {
    if (!check_sources(*command, options->sources)) {
      code = exit_usage;
      return;
    }
    if (options->sources.inventory == "-") keep_input(inventory::largest_file + 1);
    code = watch_supervised(*options);
  });
}

}  // namespace audit::cli

#include <unistd.h>

#include <algorithm>
#include <functional>
#include <future>
#include <iostream>
#include <optional>

#include "base/text.hpp"
#include "cli/attendant.hpp"
#include "cli/commands.hpp"
#include "cli/credentials.hpp"
#include "cli/earlier_runs.hpp"
#include "cli/earlier_targets.hpp"
#include "cli/exit_code.hpp"
#include "cli/kept_input.hpp"
#include "cli/late_signals.hpp"
#include "cli/notifying.hpp"
#include "cli/paths.hpp"
#include "cli/report_mode.hpp"
#include "cli/report_places.hpp"
#include "cli/run_execution.hpp"
#include "cli/run_history.hpp"
#include "cli/run_source.hpp"
#include "cli/state_options.hpp"
#include "inventory/source.hpp"
#include "report/digest.hpp"

namespace audit::cli {
namespace {

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

/// A report that is written while the run goes on, and which of the wishes that is.
struct LiveReport {
  std::optional<LiveLines> lines;
  const ReportWish* wish = nullptr;

  void begin(const std::vector<ReportWish>& wishes, bool again) {
    const auto found = std::find_if(wishes.begin(), wishes.end(), LiveLines::takes);
    if (found == wishes.end()) return;
    wish = &*found;
    lines.emplace(*found, again);
  }
};

/// Writes the reports, files side by side, and says where they are; false where one could not be written.
bool report_all(const std::vector<ReportWish>& wishes, LiveReport& live, const RunRecord& record, bool quiet) {
  std::vector<std::future<Result<void>>> files(wishes.size());
  bool stdout_taken = false;
  bool text_shown = false;  // the report on standard output is what would be printed
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    const ReportWish& wish = wishes[i];
    if (wish.to_file()) files[i] = std::async(write_report, std::cref(wish), std::cref(record));
    stdout_taken = stdout_taken || wish.to_stdout();
    text_shown = text_shown || (wish.to_stdout() && wish.format == "text");
  }
  std::vector<Result<void>> written(wishes.size());
  for (std::size_t i = 0; i < wishes.size(); ++i)
    if (!wishes[i].to_file())
      written[i] = &wishes[i] == live.wish ? live.lines->end(record) : write_report(wishes[i], record);
  Result<void> printed;
  if (!text_shown && (!quiet || !stdout_taken)) printed = print_text(record, stdout_taken);
  for (std::size_t i = 0; i < wishes.size(); ++i)
    if (files[i].valid()) written[i] = files[i].get();
  bool good = printed.ok();
  if (!printed) std::cerr << "audit run: " << printed.error().message << '\n';
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    if (!written[i])
      std::cerr << "audit run: " << written[i].error().message << '\n';
    else if (!quiet && !wishes[i].to_stdout())
      std::cerr << wishes[i].format << " report: " << visible(wishes[i].path) << '\n';
    good = good && written[i].ok();
  }
  return good;
}

/// One run from its words to its exit code, in one process. A step that cannot be done says why, sets `code_` and is false.
class RunCommand {
 public:
  RunCommand(const RunOptions& options, const std::vector<std::string>& arguments, const Attempt& attempt,
             std::optional<RunLock>& lock)
      : options_(options), arguments_(arguments), attempt_(attempt), lock_(lock), sources_(options.sources) {}

  int operator()();

 private:
  bool read_words();
  bool load_transcript();
  bool load_inventory();
  bool take_its_turn();
  bool make_plan();
  bool open_reports();
  bool open_transcript();
  bool know_baseline();
  bool open_journal();
  bool keep(RunRecord& record);
  void compare(RunRecord& record, const FailOn& fail_on);
  void tell(const RunRecord& record);
  Result<RunRecord> execute();
  Result<RunRecord> recall();
  void hear_late_signals(bool stopped);
  int conclude(RunRecord& record);
  bool refuse(int code) {
    code_ = code;
    return false;
  }

  const RunOptions& options_;
  const std::vector<std::string>& arguments_;
  const Attempt& attempt_;
  std::optional<RunLock>& lock_;
  Sources sources_;
  int code_ = exit_config;
  std::vector<ReportWish> wishes_;
  Duration limit_{};
  Transcript transcript_;
  std::shared_ptr<inventory::Inventory> inventory_;
  std::string state_;  // "" where runs are not kept
  std::optional<EndedRun> ended_;
  std::optional<store::RunStart> unfinished_;
  std::unique_ptr<core::Plan> plan_;
  std::unique_ptr<Journaling> journaling_;
  std::optional<Notifying> notifying_;
  std::string scope_;                // of the run in the history
  std::string baseline_;             // not `last`, which this run itself is once it is kept
  bool was_sound_ = false;           // the run that this one is compared with
  std::optional<LateSignals> late_;  // outlives the live report, which may wait for its reader
  LiveReport live_;
};

bool RunCommand::read_words() {
  auto wishes = report_wishes(options_);
  if (!wishes || !check_report_mode(options_) || !check_fail_on(options_)) return refuse(exit_usage);
  wishes_ = std::move(*wishes);
  const auto limit = runtime_limit(options_);
  if (!limit) return refuse(exit_usage);
  if (*limit != Duration::zero()) limit_ = std::max<Duration>(*limit - attempt_.spent, std::chrono::milliseconds(1));
  return true;
}

bool RunCommand::load_transcript() {
  const std::string& path = options_.transcript.replay;
  if (path.empty()) return true;
  Result<std::unique_ptr<net::Recording>> loaded = load_recording(path);
  if (!loaded) {
    std::cerr << "audit run: " << loaded.error().message << '\n';
    return refuse(is_there(path) ? exit_config : exit_usage);
  }
  transcript_.recording = std::move(*loaded);
  if (!sources_.seed) sources_.seed = transcript_.recording->start().seed;
  return true;
}

bool RunCommand::load_inventory() {
  if (sources_.inventory == "-") rewind_input();
  inventory::LoadOptions load;
  load.known = [&](const inventory::Inventory& read) {
    return known_sources(options_, state_directory(options_.state, &read), attempt_);
  };
  inventory_ = cli::load_inventory(sources_, code_, load);
  if (!inventory_) return false;
  for (ReportWish& wish : wishes_) wish.mode = *report_mode(options_.report_mode, inventory_.get());
  state_ = state_directory(options_.state, inventory_.get());
  if (!state_.empty() || options_.on_overlap.empty()) return true;
  std::cerr << "audit run: --on-overlap needs the directory that locks and runs are kept in: --state DIR\n";
  return refuse(exit_usage);
}

bool RunCommand::take_its_turn() {
  const bool locked = lock_ && lock_->is_in(state_);  // the inventory may name another directory than $AUDIT_STATE
  if (!state_.empty() && !locked && !lock_inventory(options_, state_, arguments_, lock_, code_)) return false;
  Result<std::optional<EndedRun>> ended = find_ended(state_, attempt_);
  if (!ended) {
    std::cerr << "audit run: the run had ended, and its reports cannot be written: " << ended.error().message << '\n';
    return refuse(exit_report);
  }
  ended_ = std::move(*ended);
  if (ended_) return true;
  if (!find_unfinished(options_, state_, attempt_, unfinished_)) return refuse(exit_usage);
  if (unfinished_) sources_.seed = unfinished_->seed;
  return true;
}

bool RunCommand::make_plan() {
  plan_ = prepare_plan(sources_, inventory_, code_);
  if (!plan_) return false;
  recall_targets(*plan_, sources_,
                 {transcript_.recording ? &transcript_.recording->start() : nullptr, unfinished_, state_});
  if (!transcript_.recording) return true;
  const std::map<std::string, std::string>& shapes = transcript_.recording->start().credentials;
  const auto credentials = replay_credentials(*inventory_, sources_.allow_commands, shapes);
  const Result<void> restored = transcript_.recording->restore(forms_for(shapes, *credentials));
  if (restored) return true;
  std::cerr << "audit run: " << visible(options_.transcript.replay) << ": " << restored.error().message << '\n';
  return refuse(exit_config);
}

bool RunCommand::open_reports() {
  const std::vector<std::string> wrong = wrong_places(wishes_, {}, state_);
  for (const std::string& one : wrong) std::cerr << "audit run: " << one << "; nothing was sent\n";
  if (!wrong.empty()) return refuse(exit_usage);
  return can_report(wishes_) || refuse(exit_report);
}

bool RunCommand::open_transcript() {
  const std::string& record = options_.transcript.record;
  if (record.empty()) return true;
  if (attempt_.number > 1) unlink(record.c_str());  // what the attempt before this one began
  Result<std::unique_ptr<TranscriptSink>> created = TranscriptSink::create(record);
  if (!created) {
    std::cerr << "audit run: " << created.error().message << "; nothing was sent\n";
    return refuse(exit_report);
  }
  transcript_.sink = std::move(*created);
  return true;
}

bool RunCommand::know_baseline() {
  if (options_.baseline.empty()) return true;
  const auto before = ended_ ? std::optional(ended_->record.run.started) : std::nullopt;
  const auto known = open_run(options_.baseline, state_, Compared::findings, before);
  if (!known) {
    std::cerr << "audit run: --baseline: " << known.error().message
              << (ended_ ? "; what changed is not known\n" : "; nothing was sent\n");
    return ended_ || refuse(exit_code_of_reading(known.error()));
  }
  baseline_ = (*known)->name();
  return true;
}

bool RunCommand::open_journal() {
  if (state_.empty()) return true;
  Attendant::block_signals();  // before the journal has a thread that they could end the process by
  journaling_ = cli::open_journal(state_, *plan_, options_.sources, unfinished_, code_);
  if (!journaling_) return false;
  lock_->name_run(journaling_->start().id);
  if (attempt_.run != nullptr) attempt_.run->name(journaling_->start().id);
  scope_ = journaling_->start().scope;
  return true;
}

/// In the transcript, and then in the history: of a run that is kept there nothing else is left to be kept.
bool RunCommand::keep(RunRecord& record) {
  std::vector<Result<void>> kept;
  if (transcript_.sink && unfinished_) {
    const std::string lacks =
        options_.transcript.record + ": the transcript lacks what the run had asked before it was gone on with";
    record.notices.push_back(lacks);
    if (!options_.resume) kept.push_back(Error(Reason::local_fault, lacks));
  }
  if (transcript_.sink) {
    transcript_.sink->add(describe_end(record));
    kept.push_back(transcript_.sink->finish());
  } else if (ended_ && !options_.transcript.record.empty()) {
    const auto recorded = load_recording(options_.transcript.record);
    kept.push_back(recorded ? Result<void>() : recorded.error());
  }
  if (journaling_) kept.push_back(finish_journal(*journaling_, record));
  bool good = true;
  for (const Result<void>& one : kept) {
    if (one) continue;
    std::cerr << "audit run: " << one.error().message << '\n';
    good = false;
  }
  return good;
}

/// With earlier runs, where anybody wants to know.
void RunCommand::compare(RunRecord& record, const FailOn& fail_on) {
  const bool shown = compares(wishes_);
  if (shown && !state_.empty())
    if (Result<void> known = describe_past(record, state_, scope_); !known)
      std::cerr << "audit run: how earlier runs came out is not known: " << known.error().message << '\n';
  if (!shown && !fail_on.only_new && options_.baseline.empty() && !(notifying_ && !inventory_->notifiers.empty()))
    return;
  if (!options_.baseline.empty() && baseline_.empty()) return;  // it is gone, and that was said
  std::optional<Since> since = diff_of(record, fail_on, baseline_, state_, scope_);
  if (!since) return;
  was_sound_ = since->was_sound;
  record.changes = std::move(since->diff);
}

void RunCommand::tell(const RunRecord& record) {
  if (!notifying_ || (ended_ && ended_->told)) return;
  const auto change = record.changes ? std::optional(change_of(record, *record.changes, was_sound_)) : std::nullopt;
  const std::vector<notify::Outcome> told = notifying_->end(record, code_, change);
  if (!state_.empty() && !told.empty()) keep_told(state_, record, told);
}

void RunCommand::hear_late_signals(bool stopped) {
  late_.emplace("audit run", stopped ? LateSignals::Ends::first_after_a_second : LateSignals::Ends::second);
}

/// From its end on, however it ends, somebody hears signals again.
Result<RunRecord> RunCommand::execute() {
  try {
    Result<RunRecord> executed = cli::execute({*plan_, options_, limit_, transcript_, arguments_, attempt_,
                                               journaling_.get(), live_.lines ? &*live_.lines : nullptr});
    hear_late_signals(executed && executed->run.stopped_by.starts_with("SIG"));
    return executed;
  } catch (...) {
    hear_late_signals(false);
    throw;
  }
}

/// The run that the process before this one had ended.
Result<RunRecord> RunCommand::recall() {
  RunRecord& record = ended_->record;
  std::cerr << "audit run: run " << record.run.id
            << " had ended and is kept: its reports are written from the history\n";
  scope_ = ended_->scope;
  if (live_.lines) live_.lines->begin(record);
  hear_late_signals(false);
  return std::move(record);
}

int RunCommand::conclude(RunRecord& record) {
  const bool kept = keep(record);
  const FailOn fail_on = *parse_fail_on(options_.fail_on.empty() ? inventory_->fail_on : options_.fail_on);
  compare(record, fail_on);
  code_ = kept ? exit_code_of(record, fail_on, record.changes) : exit_report;
  if (digests(wishes_)) record.digest = report::digest_of(record).root;
  if (!report_all(wishes_, live_, record, options_.quiet)) code_ = exit_report;
  if (record.summary.planned == 0)
    std::cerr << "audit run: nothing was planned: no target answered, or no rule is selected for those that did\n";
  late_.reset();  // all that may wait for a reader has been said
  tell(record);
  if (!state_.empty() && record.run.complete) prune_history(state_, inventory_->history, options_.quiet);
  return code_;
}

int RunCommand::operator()() {
  if (!read_words() || !load_transcript() || !load_inventory() || !take_its_turn()) return code_;
  const bool ready = ended_ ? know_baseline()
                            : make_plan() && open_reports() && open_transcript() && know_baseline() && open_journal();
  if (!ready) return code_;
  // A replayed run is over: nobody is told of it again.
  if (!options_.no_notify && !transcript_.recording)
    notifying_.emplace(*inventory_, sources_.allow_commands, options_.quiet);
  if (notifying_ && attempt_.number == 1) notifying_->begin();
  Attendant::block_signals();  // before there is a thread that they could end the process by
  live_.begin(wishes_, attempt_.number > 1);
  Result<RunRecord> executed = ended_ ? recall() : execute();
  if (!executed) {
    std::cerr << "audit run: " << executed.error().message << "; nothing was sent\n";
    return exit_report;
  }
  // Left to the end of the process: to free its pieces one by one takes half as long as to write them.
  static RunRecord& record = *new RunRecord(std::move(*executed));
  return conclude(record);
}

}  // namespace

void add_run(CLI::App& program, const std::vector<std::string>& arguments, int& code) {
  CLI::App* command = program.add_subcommand("run", "Ask every target the questions of the rules, and report");
  const auto options = std::make_shared<RunOptions>();
  add_run_options(*command, *options);
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
    code = supervise([&](const Attempt& attempt) { return RunCommand(*options, arguments, attempt, lock)(); });
  });
}

}  // namespace audit::cli

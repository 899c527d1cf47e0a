#include "cli/run_history.hpp"

#include <algorithm>
#include <iostream>

#include "base/text.hpp"
#include "cli/exit_code.hpp"
#include "cli/run_head.hpp"
#include "store/history.hpp"

namespace audit::cli {
namespace {

/// The run that an earlier process of this command had begun; none where none had.
std::optional<store::RunRow> begun_before(const store::History& history, const Attempt& attempt) {
  const std::string id = attempt.run == nullptr ? "" : attempt.run->id();
  Result<store::RunRow> run = id.empty() ? Error() : history.find(id);
  return run ? std::optional(std::move(*run)) : std::nullopt;
}

/// That run, ended or not, or the one that the user wants resumed.
Result<store::RunStart> run_to_go_on_with(const RunOptions& options, const std::string& state, const Attempt& attempt) {
  if (attempt.number > 1)
    if (const Result<store::History> history = store::History::open(state))
      if (const std::optional<store::RunRow> run = begun_before(*history, attempt)) return history->start_of(*run);
  if (options.resume) return unfinished_run(state, inventory_key(options.sources));
  return Error(Reason::unresolved, "a new run is to be begun");
}

}  // namespace

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

bool find_unfinished(const RunOptions& options, const std::string& state, const Attempt& attempt,
                     std::optional<store::RunStart>& found) {
  if (state.empty()) {
    if (options.resume) std::cerr << "audit run: --resume needs the directory that the run is kept in: --state DIR\n";
    return !options.resume;
  }
  Result<store::RunStart> start = run_to_go_on_with(options, state, attempt);
  if (start) {
    found = std::move(*start);
    return true;
  }
  if (!options.resume) return true;
  std::cerr << "audit run: " << start.error().message << "; without --resume a new one is begun\n";
  return false;
}

Result<std::optional<EndedRun>> find_ended(const std::string& state, const Attempt& attempt) {
  if (state.empty() || attempt.number == 1) return std::optional<EndedRun>();
  const Result<store::History> history = store::History::open(state);
  if (!history)
    return std::optional<EndedRun>();  // there is none yet, or whoever begins a run in it says what is wrong
  const std::optional<store::RunRow> run = begun_before(*history, attempt);
  if (!run || run->state == "unfinished") return std::optional<EndedRun>();
  Result<RunRecord> record = history->load(*run);
  if (!record) return record.error();
  const auto told = history->notifications(*run);
  if (!told) return told.error();
  EndedRun ended{std::move(*record), run->scope, !told->empty()};
  std::vector<std::string>& notices = ended.record.notices;
  std::ptrdiff_t kept = 0;  // the run says itself how those before its end died, in their order
  for (const std::string& death : attempt.deaths) {
    const auto said = std::find(notices.begin() + kept, notices.end(), notice_of_new_beginning(death));
    if (said != notices.end())
      kept = said - notices.begin() + 1;
    else
      notices.push_back(death + "; the run had ended and was kept: its reports are from the history");
  }
  return std::optional(std::move(ended));
}

std::string notice_of_new_beginning(const std::string& death) { return death + "; the run was begun again"; }

std::vector<ExpandedSource> known_sources(const RunOptions& options, const std::string& state, const Attempt& attempt) {
  if (state.empty()) return {};
  Result<store::RunStart> start = run_to_go_on_with(options, state, attempt);
  return start ? std::move(start->sources) : std::vector<ExpandedSource>();
}

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

Result<void> finish_journal(Journaling& journaling, RunRecord& record) {
  if (Result<void> kept = journaling.finish(record); !kept) return kept;
  Result<std::map<std::string, WallTime>> first = journaling.first_seen();
  if (first)
    record.first_seen = std::move(*first);
  else
    std::cerr << "audit run: since when failures are seen is not known: " << first.error().message << '\n';
  return {};
}

std::optional<Since> diff_of(const RunRecord& record, const FailOn& fail_on, const std::string& baseline,
                             const std::string& state, const std::string& scope) {
  Result<std::optional<Since>> since = diff_since(record, baseline, state, scope);
  if (!since) std::cerr << "audit run: what changed is not known: " << since.error().message << '\n';
  if (since && *since) return std::move(*since);
  if (fail_on.only_new)
    std::cerr << "audit run: there is no earlier run to compare with: every failure counts as new\n";
  return std::nullopt;
}

void keep_told(const std::string& state, const RunRecord& record, const std::vector<notify::Outcome>& told) {
  Result<store::History> history = store::History::open(state, store::Access::write);
  const Result<store::RunRow> run = history ? history->find(record.run.id) : history.error();
  if (!run) return;
  for (const notify::Outcome& one : told)
    (void)history->note(*run, {one.notifier, one.condition, one.attempts, one.ok, one.message});
}

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

}  // namespace audit::cli

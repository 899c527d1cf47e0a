#include "cli/run_source.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "cli/report_reader.hpp"
#include "store/history.hpp"

namespace audit::cli {
namespace {

DiffSide side_of(const RunRecord& record) {
  DiffSide side;
  side.id = record.run.id;
  side.started = record.run.started;
  side.complete = record.run.complete;
  side.program = record.tool.version;
  side.inventory = record.inventory.sha256;
  for (const RuleRecord& rule : record.rules) side.rules[rule.id] = rule.sha256;
  return side;
}

void hand_on(Differ& differ, bool earlier, const std::string& target) {
  if (earlier)
    differ.before_target(target);
  else
    differ.after_target(target);
}

void hand_on(Differ& differ, bool earlier, const Check& check) {
  if (earlier)
    differ.before(check);
  else
    differ.after(check);
}

void hand_on(Differ& differ, bool earlier, const RunRecord& record) {
  for (const TargetRecord& target : record.targets) hand_on(differ, earlier, target.id);
  for (const Check& check : record.checks) hand_on(differ, earlier, check);
}

class HeldRun final : public RunSource {
 public:
  explicit HeldRun(const RunRecord& record) : record_(record) {}
  [[nodiscard]] DiffSide side() const override { return side_of(record_); }
  [[nodiscard]] Result<void> walk(Differ& differ, bool earlier) override {
    hand_on(differ, earlier, record_);
    return {};
  }

 private:
  const RunRecord& record_;
};

/// A report; its evidence is not read, so that only words and severities tell what changed.
class ReportedRun final : public RunSource {
 public:
  explicit ReportedRun(RunRecord record) : record_(std::move(record)) {}
  [[nodiscard]] DiffSide side() const override { return side_of(record_); }
  [[nodiscard]] Result<void> walk(Differ& differ, bool earlier) override {
    differ.compare_words_only();
    hand_on(differ, earlier, record_);
    return {};
  }

 private:
  RunRecord record_;
};

class StoredRun final : public RunSource {
 public:
  StoredRun(store::History history, store::RunRow run, RunRecord head)
      : history_(std::move(history)), run_(std::move(run)), head_(std::move(head)) {}
  [[nodiscard]] DiffSide side() const override {
    DiffSide side = side_of(head_);
    side.id = run_.id;
    return side;
  }
  [[nodiscard]] Result<void> walk(Differ& differ, bool earlier) override {
    const Result<std::uint64_t> read = history_.read(run_, [&](store::Entry&& entry, bool) {
      if (entry.kind == store::Entry::Kind::target) hand_on(differ, earlier, entry.record.id);
      for (const Check& check : entry.checks) hand_on(differ, earlier, check);
    });
    if (!read) return read.error();
    return {};
  }

 private:
  store::History history_;
  store::RunRow run_;
  RunRecord head_;
};

Result<std::unique_ptr<RunSource>> stored(store::History history, store::RunRow run) {
  Result<RunRecord> head = history.head_of(run);
  if (!head) return head.error();
  return std::unique_ptr<RunSource>(new StoredRun(std::move(history), std::move(run), std::move(*head)));
}

bool is_path(const std::string& word) { return word.find('/') != std::string::npos || word.ends_with(".json"); }

}  // namespace

Result<std::unique_ptr<RunSource>> open_run(const std::string& word, const std::string& state) {
  if (is_path(word)) {
    Result<RunRecord> record = read_report(word);
    if (!record) return record.error();
    return std::unique_ptr<RunSource>(new ReportedRun(std::move(*record)));
  }
  if (state.empty())
    return Error(
        Reason::unresolved,
        fmt::format("{}: name the directory that the run is kept in, with --state DIR, or a JSON report by its "
                    "path (./{}.json)",
                    visible(word), visible(word)));
  Result<store::History> history = store::History::open(state);
  if (!history) return history.error();
  Result<store::RunRow> run = history->find(word);
  if (!run) return run.error();
  return stored(std::move(*history), std::move(*run));
}

std::unique_ptr<RunSource> source_of(const RunRecord& record) { return std::make_unique<HeldRun>(record); }

Result<std::unique_ptr<RunSource>> last_complete_before(const std::string& state, const std::string& scope,
                                                        const RunRecord& record) {
  Result<store::History> history = store::History::open(state);
  if (!history) return history.error();
  Result<std::optional<store::RunRow>> run = history->last_complete(scope, record.run.started);
  if (!run) return run.error();
  if (!*run) return std::unique_ptr<RunSource>();
  return stored(std::move(*history), std::move(**run));
}

Result<RunDiff> compare(RunSource& earlier, RunSource& later) {
  Differ differ;
  if (Result<void> walked = earlier.walk(differ, true); !walked) return walked.error();
  if (Result<void> walked = later.walk(differ, false); !walked) return walked.error();
  return differ.finish(earlier.side(), later.side());
}

}  // namespace audit::cli

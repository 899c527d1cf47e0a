#include "cli/run_source.hpp"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <unordered_map>

#include "base/text.hpp"
#include "cli/exit_code.hpp"
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

bool is_sound(const RunRecord& record) { return exit_code_of(record, "info") == exit_complete; }

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
  for (const Check& check : record.checks.with(Detail::problems)) hand_on(differ, earlier, check);
}

/// Checks of the whole run hold observations too: each is of the target that has its address, where that is only one.
std::map<std::string, std::vector<ObservationPtr>> observations_of_run(const RunRecord& record) {
  std::map<IpAddress, std::set<std::string>> holders;
  std::map<std::string, std::vector<ObservationPtr>> observations;
  std::vector<ObservationPtr> pieces;
  for (const Check& check : record.checks)
    if (check.target == "*")
      for (const Finding& finding : check.results)
        for (const Evidence& evidence : finding.evidence)
          if (evidence.observation) pieces.push_back(evidence.observation);
  if (pieces.empty()) return observations;
  for (const TargetRecord& target : record.targets)
    for (const IpAddress& address : target.addresses) holders[address].insert(target.id);
  for (const ObservationPtr& piece : pieces) {
    const std::optional<Endpoint> endpoint = parse_endpoint(piece->endpoint);
    const auto found = endpoint ? holders.find(endpoint->address) : holders.end();
    if (found != holders.end() && found->second.size() == 1) observations[*found->second.begin()].push_back(piece);
  }
  return observations;
}

void look_at(const RunRecord& record, const RunSource::EachSight& each) {
  const std::map<std::string, std::vector<ObservationPtr>> others = observations_of_run(record);
  std::unordered_map<std::string_view, const TargetRecord*> left;
  for (const TargetRecord& target : record.targets) left.emplace(target.id, &target);
  const auto look_at = [&](const TargetRecord& target, std::span<const Check> checks) {
    const auto known = others.find(target.id);
    each(sight_of(target, checks, known == others.end() ? std::vector<ObservationPtr>() : known->second));
  };
  record.checks.by_target(Detail::all, [&](std::span<const Check> checks) {
    const auto found = left.find(checks.front().target);
    if (found == left.end()) return;
    look_at(*found->second, checks);
    left.erase(found);
  });
  for (const TargetRecord& target : record.targets)  // those without a check
    if (left.contains(target.id)) look_at(target, {});
}

/// Of one that was kept: what rules about the whole run collected of the target is beside its checks.
TargetSight sight_of(const store::Entry& entry) {
  std::vector<ObservationPtr> others;
  for (const store::CollectedEntry& collected : entry.collected) {
    others.push_back(collected.witness);
    for (const store::CollectedEntry::Item& item : collected.items) others.push_back(item.observation);
  }
  return audit::sight_of(entry.record, entry.checks, others);
}

class HeldRun final : public RunSource {
 public:
  explicit HeldRun(const RunRecord& record) : record_(record) {}
  [[nodiscard]] DiffSide side() const override { return side_of(record_); }
  [[nodiscard]] bool sound() const override { return is_sound(record_); }
  [[nodiscard]] Result<void> walk(Differ& differ, bool earlier) override {
    hand_on(differ, earlier, record_);
    return {};
  }
  [[nodiscard]] Result<const std::map<std::string, WallTime>*> first_seen() override { return &record_.first_seen; }
  [[nodiscard]] Result<void> look(const EachSight& each) override {
    look_at(record_, each);
    return {};
  }

 private:
  const RunRecord& record_;
};

/// A report; its evidence is not read, so that only words and severities tell what changed.
class ReportedRun final : public RunSource {
 public:
  ReportedRun(std::string path, RunRecord record) : path_(std::move(path)), record_(std::move(record)) {}
  [[nodiscard]] std::string name() const override { return path_; }
  [[nodiscard]] DiffSide side() const override { return side_of(record_); }
  [[nodiscard]] bool sound() const override { return is_sound(record_); }
  [[nodiscard]] Result<void> walk(Differ& differ, bool earlier) override {
    differ.compare_words_only();
    hand_on(differ, earlier, record_);
    return {};
  }
  [[nodiscard]] Result<const std::map<std::string, WallTime>*> first_seen() override { return &record_.first_seen; }
  [[nodiscard]] Result<void> look(const EachSight& each) override {
    look_at(record_, each);
    return {};
  }

 private:
  std::string path_;
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
  [[nodiscard]] bool sound() const override { return is_sound(head_); }
  [[nodiscard]] Result<void> walk(Differ& differ, bool earlier) override {
    const Result<std::uint64_t> read = history_.read(run_, [&](store::Entry&& entry, bool) {
      if (entry.kind == store::Entry::Kind::target) hand_on(differ, earlier, entry.record.id);
      for (const Check& check : entry.checks) hand_on(differ, earlier, check);
    });
    if (!read) return read.error();
    return {};
  }
  [[nodiscard]] Result<const std::map<std::string, WallTime>*> first_seen() override {
    Result<std::map<std::string, WallTime>> first = history_.first_seen(run_);
    if (!first) return first.error();
    head_.first_seen = std::move(*first);
    return &head_.first_seen;
  }
  [[nodiscard]] Result<void> look(const EachSight& each) override {
    const Result<std::uint64_t> read = history_.read(run_, [&](store::Entry&& entry, bool) {
      if (entry.kind == store::Entry::Kind::target) each(sight_of(entry));
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

Result<std::unique_ptr<RunSource>> open_run(const std::string& word, const std::string& state, Compared compared,
                                            std::optional<WallTime> before) {
  if (is_path(word)) {
    Result<RunRecord> record = read_report(word, compared == Compared::observations);
    if (!record) return record.error();
    return std::unique_ptr<RunSource>(new ReportedRun(word, std::move(*record)));
  }
  if (state.empty())
    return Error(
        Reason::unresolved,
        fmt::format("{}: name the directory that the run is kept in, with --state DIR, or a JSON report by its "
                    "path (./{}.json)",
                    visible(word), visible(word)));
  Result<store::History> history = store::History::open(state);
  if (!history) return history.error();
  Result<store::RunRow> run = history->find(word, before);
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
  const auto then = earlier.first_seen();
  if (!then) return then.error();
  const auto now = later.first_seen();
  if (!now) return now.error();
  differ.first_seen(**then, **now);
  return differ.finish(earlier.side(), later.side());
}

Result<ObservationDiff> compare_observations(RunSource& earlier, RunSource& later) {
  ObservationDiffer differ;
  const auto before = [&](TargetSight&& sight) { differ.before(std::move(sight)); };
  const auto after = [&](TargetSight&& sight) { differ.after(sight); };
  if (Result<void> looked = earlier.look(before); !looked) return looked.error();
  if (Result<void> looked = later.look(after); !looked) return looked.error();
  return differ.finish(earlier.side(), later.side());
}

}  // namespace audit::cli

#include "cli/comparison.hpp"

#include "cli/exit_code.hpp"
#include "cli/run_source.hpp"
#include "store/history.hpp"

namespace audit::cli {
namespace {

/// The head of the run that another is compared with; none where that was no run of the history.
std::optional<RunRecord> earlier_head(const RunDiff& diff, const std::string& state) {
  if (state.empty()) return std::nullopt;
  const Result<store::History> history = store::History::open(state);
  const Result<store::RunRow> run = history ? history->find(diff.before.id) : Result<store::RunRow>(history.error());
  if (!run) return std::nullopt;
  Result<RunRecord> head = history->head_of(*run);
  return head ? std::optional(std::move(*head)) : std::nullopt;
}

}  // namespace

std::optional<FailOn> parse_fail_on(const std::string& text) {
  constexpr std::string_view prefix = "new:";
  FailOn fail_on{text, text.starts_with(prefix)};
  if (fail_on.only_new) fail_on.severity.erase(0, prefix.size());
  const bool known = parse_severity(fail_on.severity).has_value() || (!fail_on.only_new && fail_on.severity == "never");
  return known ? std::optional(fail_on) : std::nullopt;
}

Result<std::optional<RunDiff>> diff_since(const RunRecord& record, const std::string& baseline,
                                          const std::string& state, const std::string& scope) {
  Result<std::unique_ptr<RunSource>> before(std::unique_ptr<RunSource>{});
  if (!baseline.empty())
    before = open_run(baseline, state);
  else if (!state.empty())
    before = last_complete_before(state, scope, record);
  if (!before) return before.error();
  if (!*before) return std::optional<RunDiff>();
  Result<RunDiff> diff = compare(**before, *source_of(record));
  if (!diff) return diff.error();
  return std::optional<RunDiff>(std::move(*diff));
}

int exit_code_of(const RunRecord& record, const FailOn& fail_on, const std::optional<RunDiff>& diff) {
  if (!fail_on.only_new || !diff) return exit_code_of(record, fail_on.severity);
  const int code = exit_code_of(record, "never");
  const bool stopped = code == exit_sigint || code == exit_sigterm;
  const bool fresh = diff->fresh_at(*parse_severity(fail_on.severity)) > 0;
  return !stopped && fresh ? code | exit_findings : code;
}

notify::Change change_of(const RunRecord& record, const RunDiff& diff, const std::string& state) {
  notify::Change change;
  change.previous = diff.before.id;
  for (const DiffItem& item : diff.fresh)
    if (item.waiver.empty())
      change.new_failures.add({item.severity, item.rule, item.target, item.endpoint, item.message});
  change.fixed = diff.fixed.size();
  change.unknown_now = diff.unknown.size();
  change.changed_evidence = diff.changed.size();
  const std::optional<RunRecord> before = earlier_head(diff, state);
  const bool was_bad = before ? exit_code_of(*before, "info") != exit_complete
                              : !diff.fixed.empty() || diff.failures_went > 0 || !diff.before.complete;
  change.recovered = was_bad && exit_code_of(record, "info") == exit_complete;
  return change;
}

}  // namespace audit::cli

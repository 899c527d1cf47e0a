#include "cli/comparison.hpp"

#include "cli/exit_code.hpp"
#include "cli/run_source.hpp"

namespace audit::cli {

std::optional<FailOn> parse_fail_on(const std::string& text) {
  constexpr std::string_view prefix = "new:";
  FailOn fail_on{text, text.starts_with(prefix)};
  if (fail_on.only_new) fail_on.severity.erase(0, prefix.size());
  const bool known = parse_severity(fail_on.severity).has_value() || (!fail_on.only_new && fail_on.severity == "never");
  return known ? std::optional(fail_on) : std::nullopt;
}

Result<std::optional<Since>> diff_since(const RunRecord& record, const std::string& baseline, const std::string& state,
                                        const std::string& scope) {
  Result<std::unique_ptr<RunSource>> before(std::unique_ptr<RunSource>{});
  if (!baseline.empty())
    before = open_run(baseline, state);
  else if (!state.empty())
    before = last_complete_before(state, scope, record);
  if (!before) return before.error();
  if (!*before) return std::optional<Since>();
  Result<RunDiff> diff = compare(**before, *source_of(record));
  if (!diff) return diff.error();
  return std::optional(Since{std::move(*diff), (*before)->sound()});
}

int exit_code_of(const RunRecord& record, const FailOn& fail_on, const std::optional<RunDiff>& diff) {
  if (!fail_on.only_new || !diff) return exit_code_of(record, fail_on.severity);
  const int code = exit_code_of(record, "never");
  const bool stopped = code == exit_sigint || code == exit_sigterm;
  const bool fresh = diff->fresh_at(*parse_severity(fail_on.severity)) > 0;
  return !stopped && fresh ? code | exit_findings : code;
}

notify::Change change_of(const RunRecord& record, const RunDiff& diff, bool was_sound) {
  notify::Change change;
  change.previous = diff.before.id;
  for (const DiffItem& item : diff.fresh)
    if (item.waiver.empty())
      change.new_failures.add({item.severity, item.rule, item.target, item.endpoint, item.message});
  change.fixed = diff.fixed.size();
  change.unknown_now = diff.unknown.size();
  change.changed_evidence = diff.changed.size();
  change.recovered = !was_sound && exit_code_of(record, "info") == exit_complete;
  return change;
}

}  // namespace audit::cli

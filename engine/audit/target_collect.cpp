#include "audit/justify.hpp"
#include "audit/target_run.hpp"

// What run-scope rules collect of a target.

namespace audit::core {

awaitable<void> TargetRun::collect_in_lua(std::uint32_t slot, std::vector<Finding> also) {
  const PlannedRule& planned = plan_.rules[rules_[slot]];
  const Value::Object params = params_of(planned);
  lua::Gathered gathered = co_await machine_.collect(planned.lua_index, subject_, params, *target_, never);
  if (!gathered.error) gathered.error = why_no_pass(gathered.record, *target_);
  if (gathered.error) also.push_back(blind_finding(*gathered.error, planned.record.severity));
  collected_[slot] = std::move(gathered.collected);
  settle(slot, std::move(also));
}

/// A slot of a run-scope rule holds why something was not seen, if anything, or what closed ports mean.
void TargetRun::take_collected() {
  std::vector<Check> checks;
  for (std::uint32_t slot = 0; slot < rules_.size(); ++slot) {
    Check& check = message_.checks[slot];
    if (!plan_.is_of_run(rules_[slot])) {
      checks.push_back(std::move(check));
      continue;
    }
    message_.collected.push_back(collected_of(slot, std::move(collected_[slot])));
  }
  message_.checks = std::move(checks);
}

CollectedMessage TargetRun::collected_of(std::uint32_t slot, lua::Collected brought) const {
  CollectedMessage collected;
  collected.rule_ordinal = rules_[slot];
  collected.target.ordinal = member_.ordinal;
  collected.target.subject = subject_;
  collected.target.params = params_of(plan_.rules[rules_[slot]]);
  collected.target.collected = std::move(brought);
  for (const Finding& finding : message_.checks[slot].results)
    if (!collected.missing && (finding.status == Status::error || finding.status == Status::not_reviewed))
      collected.missing = Error(finding.reason, finding.message);
  return collected;
}

}  // namespace audit::core

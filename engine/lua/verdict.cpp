#include "lua/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace audit::lua {

namespace {

constexpr std::size_t longest_message = 8'192;  // with a traceback

}  // namespace

bool is_final(Reason reason) noexcept {
  switch (reason) {
    case Reason::local_fault:
    case Reason::over_budget:
    case Reason::stopped:
    case Reason::not_recorded:
    case Reason::out_of_scope: return true;
    default: return false;
  }
}

void settle_verdicts(Check& check) {
  if (check.verdicts == 1) return;
  check.ended = Error(
      Reason::rule_error,
      check.verdicts == 0
          ? fmt::format("{}: `check` ended without a verdict; return pass, fail, not_applicable or info on every path",
                        check.rule.path)
          : fmt::format("{}: `check` gave {} verdicts; give exactly one", check.rule.path, check.verdicts));
}

Finding conclude_finding(const Check& check) {
  Finding finding;
  finding.severity = check.rule.record.severity;
  if (check.endpoint) finding.endpoint = format_endpoint(*check.endpoint);
  if (check.ended) {
    finding.reason = check.ended->reason;
    finding.status = status_of(check.ended->reason);
    finding.message = check.ended->message.substr(0, longest_message);
  } else {
    const Verdict& verdict = *check.verdict;
    finding.status = verdict.status;
    finding.reason = Reason::observed;
    finding.message = verdict.message;
    finding.key = verdict.key;
    finding.evidence = verdict.evidence;
    if (verdict.severity) finding.severity = *verdict.severity;
  }
  for (const auto& observation : check.context.record()) {
    const bool attached = std::any_of(finding.evidence.begin(), finding.evidence.end(),
                                      [&](const Evidence& item) { return item.observation == observation; });
    if (attached) continue;
    Evidence item;
    item.observation = observation;
    finding.evidence.push_back(std::move(item));
  }
  return finding;
}

}  // namespace audit::lua

#include "base/assessment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/text.hpp"

namespace audit {
namespace {

using Mapped = ControlAssessment::Mapped;

bool is_full(const Mapped& mapped) { return mapped.mapping.supports == Support::full; }

/// What keeps evidence from showing the control, or "": the same conditions as `satisfied`.
std::string gap_in(const ControlAssessment& control, bool complete) {
  if (!complete) return "the run was cut short";
  for (const Mapped& mapped : control.rules)
    if (!mapped.outcome.selected || mapped.outcome.planned() == 0)
      return fmt::format("{} was not asked in this run", mapped.mapping.rule);
  for (const Mapped& mapped : control.rules)
    if (!mapped.outcome.left_out.empty()) return words_of(mapped.outcome.left_out.front());
  if (control.sum.blind() > 0)
    return fmt::format("{} of {} could not be judged", control.sum.blind(), counted(control.sum.planned(), "check"));
  std::uint64_t passes = 0;
  bool full = false;
  for (const Mapped& mapped : control.rules) {
    if (!is_full(mapped)) continue;
    full = true;
    if (mapped.outcome.of(Status::informational) > 0)
      return fmt::format("{} informed and did not judge", mapped.mapping.rule);
    passes += mapped.outcome.of(Status::pass);
  }
  if (!full) return "what its rules see is a part of it";
  if (passes == 0) return "no check passes of a rule that speaks for all of it";
  return {};
}

ControlState seen_state(const ControlAssessment& control, bool complete) {
  const RuleOutcome& sum = control.sum;
  if (sum.of(Status::fail) > 0 || sum.failures > 0)
    return sum.failures > 0 && sum.waived == sum.failures ? ControlState::risk_accepted : ControlState::not_satisfied;
  if (control.rules.empty()) return ControlState::not_covered;
  if (gap_in(control, complete).empty()) return ControlState::satisfied;
  if (sum.of(Status::pass) + sum.of(Status::informational) > 0) return ControlState::partial_evidence;
  return ControlState::no_evidence;
}

ControlState answered(ControlState seen, const ControlAnswer& answer) {
  const bool nothing_seen = seen == ControlState::no_evidence || seen == ControlState::not_covered;
  if (!answer.current) return nothing_seen ? ControlState::not_reviewed : seen;
  if (!answer.met) return ControlState::not_satisfied;
  return nothing_seen || seen == ControlState::partial_evidence ? ControlState::attested : seen;
}

std::string who_fails(const ControlAssessment& control) {
  std::string text;
  for (const Mapped& mapped : control.rules)
    if (mapped.outcome.failures > 0)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", mapped.mapping.rule, mapped.outcome.failures);
  return text;
}

std::string said_by(const ControlAnswer& answer) {
  return fmt::format("{} said `{}` on {}, valid until {}", answer.by, answer.status, answer.date, answer.valid_until);
}

std::string nothing_in(const ControlAssessment& control) {
  const RuleOutcome& sum = control.sum;
  if (sum.planned() == 0) return "none of its rules was asked in this run";
  if (sum.blind() == sum.planned()) return fmt::format("none of {} could be judged", counted(sum.planned(), "check"));
  if (sum.blind() > 0)
    return fmt::format("{} of {} could not be judged, and for the others there was nothing to judge", sum.blind(),
                       counted(sum.planned(), "check"));
  return fmt::format("there was nothing to judge for {}", counted(sum.planned(), "check"));
}

std::string why_of(const ControlAssessment& control, bool complete) {
  const RuleOutcome& sum = control.sum;
  switch (control.state) {
    case ControlState::not_satisfied:
      if (sum.failures == 0) return control.answer ? said_by(*control.answer) : "a check fails";
      return fmt::format("{}{} ({})", counted(sum.failures, "failure"),
                         sum.waived > 0 ? fmt::format(", {} waived", sum.waived) : "", who_fails(control));
    case ControlState::risk_accepted:
      return fmt::format("{}, all waived ({})", counted(sum.failures, "failure"), who_fails(control));
    case ControlState::satisfied:
      return fmt::format("all of {} judged, {} pass, and what speaks for all of it was seen",
                         counted(sum.planned(), "check"), sum.of(Status::pass));
    case ControlState::attested: return said_by(*control.answer);
    case ControlState::partial_evidence:
      return fmt::format(
          "{} of {} pass{}; {}", sum.of(Status::pass), counted(sum.planned(), "check"),
          sum.of(Status::informational) > 0 ? fmt::format(", {} inform", sum.of(Status::informational)) : "",
          gap_in(control, complete));
    case ControlState::not_reviewed: return said_by(*control.answer) + ": it has run out";
    case ControlState::no_evidence: return nothing_in(control);
    case ControlState::not_covered: return "no rule bears on it";
  }
  return {};
}

}  // namespace

std::string_view name_of(ControlState state) noexcept {
  switch (state) {
    case ControlState::not_satisfied: return "not_satisfied";
    case ControlState::risk_accepted: return "risk_accepted";
    case ControlState::satisfied: return "satisfied";
    case ControlState::attested: return "attested";
    case ControlState::partial_evidence: return "partial_evidence";
    case ControlState::not_reviewed: return "not_reviewed";
    case ControlState::no_evidence: return "no_evidence";
    case ControlState::not_covered: return "not_covered";
  }
  return "not_covered";
}

std::string_view words_of(ControlState state) noexcept {
  switch (state) {
    case ControlState::not_satisfied: return "not satisfied";
    case ControlState::risk_accepted: return "risk accepted";
    case ControlState::satisfied: return "satisfied";
    case ControlState::attested: return "attested";
    case ControlState::partial_evidence: return "partial evidence";
    case ControlState::not_reviewed: return "not reviewed";
    case ControlState::no_evidence: return "no evidence";
    case ControlState::not_covered: return "not covered";
  }
  return "not covered";
}

std::uint64_t RuleOutcome::planned() const { return std::accumulate(checks.begin(), checks.end(), std::uint64_t{0}); }

void RuleOutcome::count(const Check& check, std::uint64_t waived_failures) {
  const Status status = check.status();
  const auto failed_results = static_cast<std::uint64_t>(std::count_if(
      check.results.begin(), check.results.end(), [](const Finding& one) { return one.status == Status::fail; }));
  ++checks[static_cast<std::size_t>(status)];
  failures += failed_results;
  waived += waived_failures;
  const Ref ref{check.target, status, check.foremost().reason, failed_results, waived_failures};
  if (status == Status::fail && failed.size() < most_refs) failed.push_back(ref);
  if ((status == Status::error || status == Status::not_reviewed) && unseen.size() < most_refs) unseen.push_back(ref);
}

void RuleOutcome::add(const RuleOutcome& other) {
  selected = selected && other.selected;
  for (std::size_t i = 0; i < checks.size(); ++i) checks[i] += other.checks[i];
  failures += other.failures;
  waived += other.waived;
}

RuleOutcomes outcomes_of(const std::vector<RuleRecord>& rules, const CheckList& checks,
                         const IsWaived& is_waived, const std::vector<LeftOut>& left_out) {
  RuleOutcomes outcomes;
  for (const RuleRecord& rule : rules) {
    RuleOutcome& outcome = outcomes[rule.id];
    outcome.selected = true;
    outcome.left_out = left_out_of(left_out, rule.id);
  }
  for (const Check& check : checks.with(Detail::results)) {
    if (check.results.empty()) continue;
    std::uint64_t waived = 0;
    for (const Finding& finding : check.results)
      if (finding.status == Status::fail && is_waived && is_waived(check, finding)) ++waived;
    outcomes[check.rule].count(check, waived);
  }
  return outcomes;
}

std::array<std::uint64_t, control_state_count> FrameworkAssessment::counts() const {
  std::array<std::uint64_t, control_state_count> counts{};
  for (const ControlAssessment& control : controls) ++counts[static_cast<std::size_t>(control.state)];
  return counts;
}

ControlAssessment assess_control(const Framework::Control& control, const RuleOutcomes& outcomes,
                                 const ControlAnswer* answer, bool complete) {
  ControlAssessment assessed;
  assessed.id = control.id;
  assessed.title = control.title;
  assessed.sum.selected = true;
  for (const Framework::Mapping& mapping : control.rules) {
    const auto found = outcomes.find(mapping.rule);
    assessed.rules.push_back({mapping, found == outcomes.end() ? RuleOutcome() : found->second});
    assessed.sum.add(assessed.rules.back().outcome);
  }
  assessed.state = seen_state(assessed, complete);
  if (answer != nullptr) {
    assessed.answer = *answer;
    assessed.state = answered(assessed.state, *answer);
  }
  assessed.why = why_of(assessed, complete);
  return assessed;
}

std::vector<ControlAnswer> answers_of(const std::vector<AttestationRecord>& attestations) {
  std::vector<ControlAnswer> answers;
  for (const AttestationRecord& said : attestations) {
    if (said.state == AttestationState::future) continue;
    const std::size_t slash = said.control.rfind('/');
    ControlAnswer& answer = answers.emplace_back();
    answer.framework = said.control.substr(0, slash);
    answer.control = slash == std::string::npos ? std::string() : said.control.substr(slash + 1);
    answer.met = said.status == Status::pass || said.status == Status::not_applicable;
    answer.current = said.state == AttestationState::current;
    answer.status = name_of(said.status);
    answer.by = said.by;
    answer.date = format_day(said.date);
    answer.valid_until = format_day(said.valid_until);
    answer.evidence = said.evidence;
  }
  return answers;
}

std::vector<FrameworkAssessment> assess(const Controls& controls, const RuleOutcomes& outcomes,
                                        const std::vector<ControlAnswer>& answers, bool complete) {
  std::vector<FrameworkAssessment> all;
  for (const Framework& framework : controls.frameworks) {
    FrameworkAssessment& one = all.emplace_back();
    one.id = framework.id;
    one.title = framework.title;
    one.version = framework.version;
    one.url = framework.url;
    one.note = framework.note;
    for (const Framework::Control& control : framework.controls) {
      const auto answer = std::find_if(answers.begin(), answers.end(), [&](const ControlAnswer& given) {
        return given.framework == framework.id && given.control == control.id;
      });
      one.controls.push_back(assess_control(control, outcomes, answer == answers.end() ? nullptr : &*answer, complete));
    }
  }
  return all;
}

}  // namespace audit

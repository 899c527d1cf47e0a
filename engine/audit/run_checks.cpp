#include "audit/run_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "audit/port_view.hpp"
#include "base/text.hpp"

namespace audit::core {
namespace {

constexpr std::size_t most_named = 3;    // of what is missing, in a message
constexpr std::size_t most_sampled = 8;  // targets, where the rule attached no observation

Check check_of_run(const Plan& plan, std::uint32_t rule) {
  Check check;
  check.rule = plan.rules[rule].record.id;
  check.target = every_target;
  check.rule_ordinal = rule;
  check.target_ordinal = std::numeric_limits<std::uint64_t>::max();  // after those of all targets
  return check;
}

/// The faults of the rule itself are errors; whatever else kept a target from being seen leaves the check unreviewed.
bool is_fault_of_the_rule(Reason reason) {
  return reason == Reason::rule_error || reason == Reason::over_budget || reason == Reason::rule_stuck;
}

/// The commonest reason; a fault of the rule before all others. Where nobody is missing, a part was left out.
Reason foremost_reason(const lua::Collection& collection) {
  if (collection.missing_by_reason.empty()) return Reason::out_of_scope;
  auto foremost = collection.missing_by_reason.begin();
  for (auto one = foremost; one != collection.missing_by_reason.end(); ++one) {
    const bool fault = is_fault_of_the_rule(one->first);
    const bool known = is_fault_of_the_rule(foremost->first);
    if (fault != known ? fault : one->second > foremost->second) foremost = one;
  }
  return foremost->first;
}

/// "2 of 5 targets were left out by --limit; …"
std::string tell_left_out(const lua::Collection& collection) {
  std::string text;
  for (const LeftOut& part : collection.left_out) text += (text.empty() ? "" : "; ") + words_of(part);
  return text;
}

/// "3 of 12 targets are missing: 2 unreachable, 1 timeout: 10.0.0.9 (…), …"
std::string tell_missing(const lua::Collection& collection) {
  if (collection.missing_count == 0) return tell_left_out(collection);
  std::string text = fmt::format("{} of {} {} missing:", collection.missing_count, counted(collection.asked, "target"),
                                 collection.missing_count == 1 ? "is" : "are");
  const char* separator = " ";
  for (const auto& [reason, count] : collection.missing_by_reason) {
    text += fmt::format("{}{} {}", separator, count, name_of(reason));
    separator = ", ";
  }
  separator = "; ";
  for (std::size_t i = 0; i < std::min(most_named, collection.missing.size()); ++i) {
    constexpr std::size_t longest = 300;
    const lua::MissingTarget& missing = collection.missing[i];
    text += fmt::format("{}{}: {}", separator, missing.id, missing.why.message.substr(0, longest));
  }
  if (collection.missing_count > most_named)
    text += fmt::format("; and {} more", collection.missing_count - most_named);
  if (!collection.left_out.empty()) text += "; " + tell_left_out(collection);
  return text;
}

/// What was collected and what was not, as evidence.
Evidence account_of(const lua::Collection& collection) {
  Value::Object account;
  account["targets"] = static_cast<std::int64_t>(collection.asked);
  account["collected"] = static_cast<std::int64_t>(collection.targets.size());
  account["absent"] = static_cast<std::int64_t>(collection.absent);
  account["missing"] = static_cast<std::int64_t>(collection.missing_count);
  if (!collection.left_out.empty()) account["left_out"] = tell_left_out(collection);
  if (!collection.missing.empty()) {
    Value::Object named;
    for (const lua::MissingTarget& missing : collection.missing)
      named[missing.id] = std::string(name_of(missing.why.reason));
    account["missing_targets"] = std::move(named);
  }
  Evidence evidence;
  evidence.label = "collection";
  evidence.note = std::move(account);
  return evidence;
}

/// Evidence points at something that was seen: at the first that was collected, where the rule named nothing.
void sample(const lua::Collection& collection, Finding& finding) {
  const bool named = std::any_of(finding.evidence.begin(), finding.evidence.end(),
                                 [](const Evidence& item) { return item.observation != nullptr; });
  if (named) return;
  std::size_t sampled = 0;
  for (const lua::CollectedTarget& target : collection.targets) {
    if (target.collected.witness == nullptr) continue;
    if (sampled++ == most_sampled) return;
    Evidence evidence;
    evidence.label = target.subject.id;
    evidence.observation = target.collected.witness;
    finding.evidence.push_back(std::move(evidence));
  }
}

Finding incomplete(const lua::Collection& collection, Severity severity, const std::string& before) {
  Finding finding;
  finding.severity = severity;
  finding.reason = foremost_reason(collection);
  finding.status = is_fault_of_the_rule(finding.reason) ? Status::error : Status::not_reviewed;
  finding.message = before + tell_missing(collection);
  return finding;
}

/// The result where there is nothing to judge; none where there is.
std::optional<Finding> without_lua(const lua::Collection& collection, Severity severity) {
  if (!collection.targets.empty()) return std::nullopt;
  if (collection.missing_count > 0) return incomplete(collection, severity, "nothing was collected: ");
  if (collection.asked == 0)
    return blind_finding(Error(Reason::unreachable, "nothing was collected: there was no target to ask"), severity);
  Finding finding;
  finding.severity = severity;
  finding.status = Status::not_applicable;
  finding.reason = Reason::observed;
  finding.message = fmt::format("nothing to compare on any of {}", counted(collection.asked, "target"));
  if (!collection.left_out.empty()) return incomplete(collection, severity, finding.message + ", but ");
  return finding;
}

/// The engine's own look at the verdict.
std::vector<Finding> weigh(Finding finding, const lua::Collection& collection) {
  const bool judged = finding.status == Status::pass || finding.status == Status::fail;
  const bool saw = std::any_of(collection.targets.begin(), collection.targets.end(),
                               [](const lua::CollectedTarget& target) { return target.collected.witness != nullptr; });
  if (judged && !saw) {
    finding.message =
        "the verdict \"" + finding.message + "\" rests on nothing: `collect` asked no probe that saw anything";
    finding.reason = Reason::rule_error;
    finding.status = Status::error;
  }
  if (finding.status == Status::pass || finding.status == Status::fail) sample(collection, finding);
  if (collection.complete()) return {std::move(finding)};
  if (finding.status == Status::pass) {
    Finding partial = incomplete(collection, finding.severity, "the rule said \"" + finding.message + "\", but ");
    partial.evidence = std::move(finding.evidence);
    return {std::move(partial)};
  }
  std::vector<Finding> findings;
  findings.push_back(std::move(finding));
  findings.push_back(incomplete(collection, findings.front().severity, ""));
  return findings;
}

}  // namespace

awaitable<RunMessage> judge_run(const Plan& plan, probe::Services& services, lua::Machine& machine,
                                Gathering& gathering, std::vector<LeftOut> left_out) {
  RunMessage message;
  for (const std::uint32_t rule : plan.run_rules()) {
    ++message.planned;
    const PlannedRule& planned = plan.rules[rule];
    lua::Collection collection = gathering.of(rule);
    collection.left_out = left_out_of(left_out, planned.record.id);
    Check check = check_of_run(plan, rule);
    if (std::optional<Finding> finding = without_lua(collection, planned.record.severity)) {
      check.results.push_back(std::move(*finding));
    } else {
      probe::Target nowhere(services, std::string(every_target), std::string(), net::Permit(), probe::TargetLimits());
      lua::Outcome outcome = co_await machine.judge(planned.lua_index, collection, nowhere);
      check.results = weigh(std::move(outcome.finding), collection);
    }
    check.results.front().evidence.push_back(account_of(collection));
    message.checks.push_back(std::move(check));
  }
  co_return message;
}

RunMessage unjudged_run(const Plan& plan, Gathering& gathering) {
  RunMessage message;
  for (const std::uint32_t rule : plan.run_rules()) {
    ++message.planned;
    Check check = check_of_run(plan, rule);
    const Error stopped(Reason::stopped, "the run was stopped before what it collected was judged");
    check.results.push_back(blind_finding(stopped, plan.rules[rule].record.severity));
    check.results.front().evidence.push_back(account_of(gathering.of(rule)));
    message.checks.push_back(std::move(check));
  }
  return message;
}

}  // namespace audit::core

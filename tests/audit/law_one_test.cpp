#include <fmt/format.h>

#include <set>

#include "base/run_record.hpp"
#include "random_run.hpp"

namespace audit::core {
namespace {

bool answered(Reason reason) {
  switch (reason) {
    case Reason::observed:
    case Reason::open:
    case Reason::closed:
    case Reason::filtered:
    case Reason::refused:
    case Reason::reset:
    case Reason::eof:
    case Reason::truncated:
    case Reason::protocol_error: return true;
    default: return false;
  }
}

/// What is wrong with one result, or "".
std::string complaint(const Finding& finding) {
  if (finding.status == Status::pass || finding.status == Status::fail) {
    const bool saw = std::any_of(finding.evidence.begin(), finding.evidence.end(), [&](const Evidence& item) {
      if (!item.observation) return false;
      return finding.status == Status::pass ? answered(item.observation->reason) : item.observation->saw_something();
    });
    if (!saw)
      return fmt::format("{} without an observation that answered: {}", name_of(finding.status), finding.message);
    for (const Evidence& item : finding.evidence)
      if (item.observation && item.observation->reason == Reason::local_fault && finding.status == Status::pass)
        return "pass beside a local fault: " + finding.message;
  }
  switch (finding.reason) {
    case Reason::local_fault:
    case Reason::rule_error:
    case Reason::over_budget:
    case Reason::timeout:
      if (finding.status != Status::error)
        return fmt::format("{} as {}", name_of(finding.reason), name_of(finding.status));
      break;
    case Reason::stopped:
    case Reason::unreachable:
    case Reason::unresolved:
    case Reason::out_of_scope:
      if (finding.status != Status::not_reviewed)
        return fmt::format("{} as {}", name_of(finding.reason), name_of(finding.status));
      break;
    default: break;
  }
  if (finding.status == Status::error || finding.status == Status::not_reviewed)
    if (finding.message.empty())
      return fmt::format("{} {} without a message", name_of(finding.status), name_of(finding.reason));
  return "";
}

/// What holds for a target: its own settings, and the strictest of what all entries of its addresses say.
inventory::Settings held(const RandomRun& run, const TargetMessage& message) {
  inventory::Settings settings = *message.member.entry->settings;
  const Plan& plan = *run.worked->plan;
  guard_of(plan, &run.worked->shared.name_guards, message.record.addresses).bind(settings);
  return settings;
}

/// Every message holds each check that was planned for it exactly once, and every result can be believed.
void check_message(const RandomRun& run, const TargetMessage& message, Summary& summary) {
  const Plan& plan = *run.worked->plan;
  if (message.fate != Fate::target) {
    REQUIRE(message.checks.empty());
    REQUIRE(message.planned == 0);
    return;
  }
  const std::vector<std::uint32_t> planned = plan.rules_for(held(run, message));
  REQUIRE(message.planned == planned.size());
  REQUIRE(message.checks.size() == planned.size());
  summary.planned += message.planned;
  for (std::size_t i = 0; i < planned.size(); ++i) {
    const Check& check = message.checks[i];
    INFO(check.rule << " on " << check.target);
    REQUIRE(check.rule_ordinal == planned[i]);
    REQUIRE(check.rule == plan.rules[planned[i]].record.id);
    REQUIRE(check.target == message.record.id);
    REQUIRE(check.target_ordinal == message.member.ordinal);
    REQUIRE_FALSE(check.results.empty());
    for (const Finding& finding : check.results) {
      REQUIRE(complaint(finding) == "");
    }
    summary.count(check);
  }
}

std::int64_t told(const Check& check, std::string_view what) {
  const Value& account = check.results.front().evidence.back().note;
  REQUIRE(account.find(what) != nullptr);
  return *account.find(what)->get_if<std::int64_t>();
}

/// How many targets a run-scope rule was asked of, as their messages tell.
std::int64_t asked(const RandomRun& run, const std::vector<TargetMessage>& messages, std::uint32_t rule) {
  return std::count_if(messages.begin(), messages.end(), [&](const TargetMessage& message) {
    const std::vector<std::uint32_t> rules = run.worked->plan->asked_of(held(run, message));
    return message.fate == Fate::target && std::find(rules.begin(), rules.end(), rule) != rules.end();
  });
}

/// Every rule of the run has one check, which accounts for each target, and no pass where one of them is missing.
void check_run(const RandomRun& run, const std::vector<RunMessage>& concluded,
               const std::vector<TargetMessage>& messages, Summary& summary) {
  const Plan& plan = *run.worked->plan;
  const std::vector<std::uint32_t> planned = plan.run_rules();
  REQUIRE(concluded.size() == 1);
  REQUIRE(concluded[0].planned == planned.size());
  REQUIRE(concluded[0].checks.size() == planned.size());
  summary.planned += concluded[0].planned;
  for (std::size_t i = 0; i < planned.size(); ++i) {
    const Check& check = concluded[0].checks[i];
    INFO(check.rule << ": " << check.foremost().message);
    REQUIRE(check.rule_ordinal == planned[i]);
    REQUIRE(check.target == "*");
    REQUIRE(told(check, "targets") == asked(run, messages, planned[i]));
    REQUIRE(told(check, "targets") >= told(check, "absent") + told(check, "missing"));
    REQUIRE(told(check, "targets") <= told(check, "absent") + told(check, "missing") + told(check, "collected"));
    const auto targets = std::count_if(messages.begin(), messages.end(),
                                       [](const TargetMessage& message) { return message.fate == Fate::target; });
    if (told(check, "targets") < targets) REQUIRE(check.status() != Status::pass);
    if (told(check, "missing") > 0 || told(check, "collected") == 0) REQUIRE(check.status() != Status::pass);
    if (told(check, "missing") > 0) REQUIRE(check.status() != Status::not_applicable);
    for (const Finding& finding : check.results) {
      REQUIRE_FALSE((finding.status == Status::not_reviewed && finding.message.empty()));
      if (finding.status == Status::pass || finding.status == Status::fail) REQUIRE(complaint(finding) == "");
    }
    summary.count(check);
  }
}

/// Does the entry cover the address, or lead to it?
bool is_of(const RandomRun& run, const inventory::Entry& entry, const IpAddress& address) {
  if (entry.kind != inventory::Entry::Kind::name) return entry.block.contains(address);
  const auto known = run.names.find(entry.name);
  return known != run.names.end() && std::any_of(known->second.begin(), known->second.end(),
                                                 [&](const IpAddress& one) { return canonical(one) == address; });
}

/// May anything have been sent there? Some entry has to cover the address, and none of those that do to forbid the port.
bool in_scope(const RandomRun& run, const Endpoint& to) {
  const Plan& plan = *run.worked->plan;
  if (plan.scope.excluded(to.address)) return false;
  for (const inventory::Entry& entry : plan.inventory->entries)
    if (entry.settings->never.of(to.transport).contains(to.port) && is_of(run, entry, to.address)) return false;
  for (const inventory::Entry& entry : plan.inventory->entries) {
    if (entry.kind != inventory::Entry::Kind::name) {
      if (entry.block.contains(to.address)) return true;
      continue;
    }
    const auto known = run.names.find(entry.name);
    if (known == run.names.end()) continue;
    for (const IpAddress& address : known->second)
      if (canonical(address) == to.address && plan.scope.admit_resolved(canonical(address), entry.name)) return true;
  }
  return false;
}

/// A target that answered an echo and no port, and of which something passed all the same: filtered, on a host that lives.
bool lives_by_echo_alone(const TargetMessage& message) {
  const TargetRecord& record = message.record;
  const bool a_port = record.ports_closed > 0 || std::any_of(record.ports.begin(), record.ports.end(),
                                                             [](const auto& row) { return row.state == Reason::open; });
  if (a_port || record.life_message.find("ICMP echo in") == std::string::npos) return false;
  return std::any_of(message.checks.begin(), message.checks.end(), [](const Check& check) {
    return check.foremost().status == Status::pass && check.foremost().reason == Reason::filtered;
  });
}

std::uint64_t duplicates(const Plan& plan) {
  std::uint64_t count = 0;
  for (std::uint64_t i = 0; i < plan.expansion->size(); ++i)
    if (plan.expansion->duplicate(plan.expansion->at_ordinal(i))) ++count;
  return count;
}

}  // namespace

TEST_CASE(
    "whatever is planned, whatever happens: each check is reported once, the counts sum, and none passes that saw "
    "nothing") {
  constexpr std::uint64_t runs = 600;
  Summary all;
  std::set<std::string> endings;
  std::uint64_t cut_short = 0;
  std::uint64_t by_echo_alone = 0;  // targets with a pass whose only sign of life was an echo
  for (std::uint64_t seed = 1; seed <= runs; ++seed) {
    RandomRun run(seed);
    INFO("seed " << seed << "\n" << run.inventory);
    run.run();
    const Plan& plan = *run.worked->plan;
    const auto& messages = run.worked->keeper.messages;
    std::set<std::uint64_t> members;
    Summary summary;
    for (const TargetMessage& message : messages) {
      REQUIRE(members.insert(message.member.ordinal).second);
      REQUIRE((run.stopped || message.fate != Fate::unasked));
      check_message(run, message, summary);
      for (const Check& check : message.checks) endings.insert(run.worked->status(check.rule, check.target));
    }
    check_run(run, run.worked->keeper.of_run, messages, summary);
    for (const Check& check : run.worked->keeper.of_run[0].checks)
      endings.insert("* " + run.worked->status(check.rule, "*"));
    REQUIRE(messages.size() + duplicates(plan) == plan.expansion->size());
    std::uint64_t counted = 0;
    for (const Status status : all_statuses) counted += summary.of(status);
    REQUIRE(counted == summary.planned);
    for (const auto& sent : run.worked->world.sent()) {
      INFO(format_endpoint(sent.to));
      REQUIRE(in_scope(run, sent.to));
    }
    for (const IpAddress& address : run.worked->world.echoed()) {
      Endpoint host;  // port 0, which no `never` names
      host.address = address;
      INFO(format_address(address));
      REQUIRE(in_scope(run, host));
    }
    for (const TargetMessage& message : messages) by_echo_alone += lives_by_echo_alone(message) ? 1 : 0;
    all.planned += summary.planned;
    if (run.stopped) ++cut_short;
  }
  INFO(all.planned << " checks, " << cut_short << " runs cut short");
  for (const char* ending : {"pass observed",
                             "pass closed",
                             "pass open",
                             "fail observed",
                             "fail open",
                             "error rule_error",
                             "error over_budget",
                             "error local_fault",
                             "error timeout",
                             "error refused",
                             "error reset",
                             "not_reviewed unreachable",
                             "not_reviewed filtered",
                             "not_reviewed unresolved",
                             "not_reviewed stopped",
                             "not_reviewed out_of_scope",
                             "not_applicable closed",
                             "informational observed",
                             "* pass observed",
                             "* fail observed",
                             "* not_reviewed unreachable",
                             "* not_reviewed stopped",
                             "* not_reviewed timeout",
                             "* not_applicable observed",
                             "* error rule_error",
                             "* error over_budget"}) {
    INFO(ending);
    CHECK(endings.contains(ending));  // else the runs are not as random as they should be
  }
  CHECK(all.planned > 10'000);
  CHECK(cut_short > 100);
  CHECK(by_echo_alone > 10);
}

}  // namespace audit::core

#include "audit/target_run.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "audit/justify.hpp"
#include "base/text.hpp"
#include "probe/answer_cache.hpp"
#include "probe/tarpit.hpp"

namespace audit::core {
namespace {

bool is_candidate(const inventory::Member& member) { return member.entry->kind == inventory::Entry::Kind::block; }

/// A candidate that has to show life to be a target.
bool has_to_show_life(const Plan& plan, const inventory::Member& member, const inventory::Settings& settings) {
  return is_candidate(member) && !settings.assume_up && !plan.earlier.contains(target_id(member));
}

Check empty_check(const Plan& plan, const inventory::Member& member, std::uint32_t rule) {
  Check check;
  check.rule = plan.rules[rule].record.id;
  check.target = target_id(member);
  check.rule_ordinal = rule;
  check.target_ordinal = member.ordinal;
  return check;
}

void fill_record(TargetRecord& record, const inventory::Member& member) {
  const inventory::Settings& settings = *member.entry->settings;
  record.id = target_id(member);
  record.ordinal = member.ordinal;
  record.kind = is_candidate(member) ? TargetKind::candidate : TargetKind::listed;
  record.tags = settings.tags;
  record.groups = settings.groups;
  record.owner = settings.owner;
  record.criticality = settings.criticality;
  record.file = member.entry->place.file;
  record.line = member.entry->place.line;
  if (member.zone != nullptr) record.zone = member.zone->name;
  if (member.entry->kind == inventory::Entry::Kind::name) record.names = {member.entry->name};
}

/// What had ended before it was left.
void keep_ended(TargetMessage& message, const PartMessage& before) {
  for (Check& check : message.checks)
    for (const Check& ended : before.checks)
      if (ended.rule_ordinal == check.rule_ordinal) check = ended;
}

}  // namespace

std::string target_id(const inventory::Member& member) {
  const std::string plain = member.address ? format_address(*member.address) : member.entry->name;
  return member.zone == nullptr ? plain : fmt::format("{}/{}", member.zone->name, plain);
}

TargetMessage unreached(const Plan& plan, const inventory::Member& member, const NameGuards* name_guards,
                        const PartMessage* before) {
  TargetMessage message;
  message.member = member;
  if (member.excluded != nullptr) {
    message.fate = Fate::excluded;
    message.message = member.excluded->text;
    return message;
  }
  if (has_to_show_life(plan, member, *member.entry->settings) && before == nullptr) {
    message.fate = Fate::unasked;
    return message;
  }
  fill_record(message.record, member);
  if (member.address) message.record.addresses = {*member.address};
  message.record.life_message = "the run was stopped before it was asked";
  inventory::Settings settings = *member.entry->settings;
  guard_of(plan, name_guards, message.record.addresses).bind(settings);
  message.not_asked = plan.not_asked_of(settings);
  const Error stopped(Reason::stopped, message.record.id + ": the run was stopped before it was asked");
  for (const std::uint32_t rule : plan.rules_for(settings)) {
    Check& check = message.checks.emplace_back(empty_check(plan, member, rule));
    check.results.push_back(blind_finding(stopped, plan.rules[rule].record.severity));
  }
  message.planned = static_cast<std::uint32_t>(message.checks.size());
  if (before != nullptr) keep_ended(message, *before);
  for (const std::uint32_t rule : plan.asked_of(settings)) {
    if (!plan.is_of_run(rule)) continue;
    CollectedMessage& collected = message.collected.emplace_back();
    collected.rule_ordinal = rule;
    collected.target.ordinal = member.ordinal;
    collected.target.subject.id = message.record.id;
    collected.missing = stopped;
  }
  return message;
}

TargetRun::TargetRun(const Plan& plan, probe::Services& services, lua::Machine& machine, net::Semaphore& live,
                     const inventory::Member& member, SharedPorts* shared_ports, const NameGuards* name_guards)
    : plan_(plan), services_(services), machine_(machine), live_(live), shared_ports_(shared_ports),
      name_guards_(name_guards), member_(member), settings_(member.entry->settings.get()) {
  message_.member = member;
}

awaitable<TargetMessage> TargetRun::execute() {
  fill_record(message_.record, member_);
  const std::string* excluded_by =
      member_.address && name_guards_ != nullptr ? name_guards_->excluded(*member_.address) : nullptr;
  if (excluded_by != nullptr) {
    message_.fate = Fate::excluded;
    message_.message = *excluded_by;
    co_return std::move(message_);
  }
  const std::optional<Error> homeless = co_await find_hosts();
  guard_hosts();
  rules_ = plan_.asked_of(*settings_);
  if (hosts_.empty() && all_excluded_) {
    message_.fate = Fate::excluded;
    message_.message = "every address it resolves to is excluded";
    co_return std::move(message_);
  }
  probe::TargetLimits limits;
  limits.timeout = settings_->limits.timeout;
  limits.attempts = settings_->limits.attempts;
  limits.per_target = settings_->limits.per_target;
  limits.gap = settings_->limits.gap;
  limits.groups = settings_->groups;
  target_.emplace(services_, message_.record.id, member_.entry->name, net::Permit(hosts_, settings_->never), limits);
  take_over_answers();
  const bool candidate = is_candidate(member_) && !settings_->assume_up;
  const PortSet ports = ports_to_sweep(plan_, rules_, *settings_, candidate);
  swept_at_ = services_.world.wall();
  if (!hosts_.empty() && (!ports.empty() || candidate)) {
    // Of a candidate every port is a chance to be found; a listed host that seems dead is not asked them all.
    const bool leave_the_dead = !is_candidate(member_) && !settings_->assume_up;
    co_await sweep(ports, leave_the_dead);
    if (!sweep_told_) tarpits_ = co_await probe::find_tarpits(*target_);
    message_.notices.insert(message_.notices.end(), tarpits_.begin(), tarpits_.end());
    lively_then_ = target_->lively().size();
  }
  if (plan_.echoes > 0 && (!candidate || target_->alive())) co_await measure_round_trips();
  const bool may_be_nobody = !target_->alive() && has_to_show_life(plan_, member_, *settings_);
  if (may_be_nobody && !sweep_was_blind()) {
    message_.fate = Fate::dark;
    co_return std::move(message_);
  }
  if (may_be_nobody && services_.world.stopped()) {
    message_.fate = Fate::unasked;
    co_return std::move(message_);
  }
  for (const NotAsked& kept : plan_.not_asked_of(*settings_)) message_.not_asked.push_back(kept);
  describe_subject();
  if (plan_.udp_asker && !homeless) co_await sweep_udp();
  co_await judge_all(homeless);
  if (parts_ != nullptr && services_.world.stopped()) hand_on_part();  // what had ended is not to be asked again
  part_timer_.reset();
  take_collected();
  message_.planned = static_cast<std::uint32_t>(plan_.rules_for(*settings_).size());
  tell_evicted();
  describe();
  if (failure_) std::rethrow_exception(failure_);
  co_return std::move(message_);
}

/// What made room in the cache may have been asked again by another check.
void TargetRun::tell_evicted() {
  const std::uint64_t evicted = target_->answers().evicted();
  if (evicted == 0) return;
  services_.counters.evicted += evicted;
  message_.notices.push_back(fmt::format(
      "{}: {} not kept for other rules, because all that a target answers may take {} MiB: a rule that asks the same "
      "later sends a probe of its own",
      message_.record.id, counted(evicted, "answer was", "answers were"), probe::AnswerCache::most_bytes >> 20U));
}

void TargetRun::describe_subject() {
  subject_.id = message_.record.id;
  for (const IpAddress& host : hosts_) subject_.addresses.push_back(format_address(host));
  if (!hosts_.empty()) subject_.address = subject_.addresses.front();
  subject_.names = message_.record.names;
  subject_.tags = settings_->tags;
  subject_.groups = settings_->groups;
  subject_.owner = settings_->owner;
  subject_.zone = message_.record.zone;
  subject_.criticality = settings_->criticality;
  subject_.urls = settings_->urls;
}

awaitable<void> TargetRun::judge_all(std::optional<Error> homeless) {
  message_.checks.reserve(rules_.size());
  for (const std::uint32_t rule : rules_) message_.checks.push_back(empty_check(plan_, member_, rule));
  slots_.resize(rules_.size());
  all_done_.emplace(services_.world.deadlines());
  const PortView view(*target_, swept_at_);
  open_.resize(rules_.size());
  also_.resize(rules_.size());
  const bool silent = !hosts_.empty() && target_->swept() != nullptr && !target_->alive() && !sweep_was_blind() &&
                      !settings_->assume_up;
  for (std::uint32_t slot = 0; slot < rules_.size(); ++slot) {
    if (take_over(slot)) continue;
    const PlannedRule& planned = plan_.rules[rules_[slot]];
    if (planned.rule != nullptr && planned.rule->requires_nothing) {
      in_lua_.push_back(slot);
    } else if (planned.policy != nullptr && planned.policy->of_names && (!homeless || !resolved_.empty())) {
      in_lua_.push_back(slot);
    } else if (homeless) {
      settle(slot, {blind_finding(*homeless, planned.record.severity)});
    } else if (silent) {
      const Error unreachable(Reason::unreachable, fmt::format("{} {}", subject_.id, silence()));
      settle(slot, {blind_finding(unreachable, planned.record.severity)});
    } else {
      judge_ports(slot, view);
    }
  }
  if (before_ != nullptr)
    for (const probe::Lively& one : before_->lively) target_->note_life(one.host, one.how);
  lively_told_ = target_->lively().size();
  unfinished_ = static_cast<std::uint32_t>(in_lua_.size());
  if (unfinished_ > 0) note_progress();
  for (const std::uint32_t slot : in_lua_) {
    asio::co_spawn(services_.world.io(), judge_in_lua(slot, open_[slot], also_[slot]),
                   [this](const std::exception_ptr& failure) {
                     if (failure) failure_ = failure;
                     if (--unfinished_ == 0) all_done_->happen();
                   });
  }
  while (unfinished_ > 0) co_await all_done_->wait(never);
}

void TargetRun::judge_ports(std::uint32_t slot, const PortView& view) {
  const PlannedRule& planned = plan_.rules[rules_[slot]];
  const Severity severity = planned.record.severity;
  if (planned.policy != nullptr) {
    judge_policy(slot, view);
    return;
  }
  PortView::Tally tally = view.tally(planned.record.ports.tcp, settings_->never.tcp);
  std::vector<Finding> unseen;
  if (tally.blind) {
    unseen.push_back(blind_finding(*tally.blind, severity));
    if (tally.blind_count > 1)
      unseen.back().message += fmt::format(" (and {})", counted(tally.blind_count - 1, "more port", "more ports"));
  }
  if (tally.filtered_silent > 0)
    unseen.push_back(blind_finding(
        Error(Reason::filtered,
              fmt::format("{}: {} gave no answer on an address that answered nothing else; it may be gone", subject_.id,
                          counted(tally.filtered_silent, "port"))),
        severity));
  for (Finding& finding : unseen) finding.evidence.push_back(view.sweep_evidence(planned.record.ports.tcp, tally));
  if (!tally.open.empty()) {
    open_[slot] = std::move(tally.open);
    also_[slot] = std::move(unseen);
    in_lua_.push_back(slot);
    return;
  }
  if (!unseen.empty()) {
    settle(slot, std::move(unseen));
    return;
  }
  Finding finding;
  finding.status = planned.rule->absent;
  finding.reason = tally.filtered > 0 ? Reason::filtered : Reason::closed;
  finding.severity = severity;
  finding.message =
      fmt::format("tcp/{} {} {}", planned.record.ports.tcp.format(), planned.record.ports.tcp.size() > 1 ? "are" : "is",
                  tally.filtered == 0 ? "closed"
                  : tally.closed == 0 ? "filtered on a host that lives"
                                      : "closed or filtered on a host that lives");
  finding.evidence.push_back(view.sweep_evidence(planned.record.ports.tcp, tally));
  settle(slot, {std::move(finding)});
}

awaitable<void> TargetRun::judge_in_lua(std::uint32_t slot, std::vector<Endpoint> endpoints,
                                        std::vector<Finding> also) {
  const PlannedRule& planned = plan_.rules[rules_[slot]];
  net::Wake wake = net::Wake::signalled;
  if (!live_.try_acquire())  // mostly there is room, and no coroutine is needed to say so
    wake = co_await live_.acquire(never);
  if (wake != net::Wake::signalled) {
    const Error stopped(Reason::stopped, subject_.id + ": the run was stopped before the check began");
    settle(slot, {blind_finding(stopped, planned.record.severity)});
    co_return;
  }
  const net::Place place(live_);
  if (planned.policy != nullptr) {
    co_await ask_policy(slot);
    co_return;
  }
  if (planned.rule->scope == lua::Scope::run) {
    co_await collect_in_lua(slot, std::move(also));
    co_return;
  }
  const Value::Object params = params_of(planned);
  std::vector<std::optional<Endpoint>> subjects(1);
  if (planned.rule->scope == lua::Scope::endpoint) subjects.assign(endpoints.begin(), endpoints.end());
  std::vector<Finding> findings = std::move(also);
  for (const std::optional<Endpoint>& endpoint : subjects) {
    lua::Outcome outcome = co_await machine_.run(planned.lua_index, subject_, params, *target_, never, endpoint);
    justify(outcome, *target_);
    message_.checks[slot].observations_dropped += outcome.observations_dropped;
    findings.push_back(std::move(outcome.finding));
  }
  settle(slot, std::move(findings));
}

Value::Object TargetRun::params_of(const PlannedRule& planned) const {
  const auto given = settings_->params.find(planned.record.id);
  return *lua::resolve_params(*planned.rule, given == settings_->params.end() ? Value::Object() : given->second);
}

void TargetRun::settle(std::uint32_t slot, std::vector<Finding> findings) {
  const PlannedRule& planned = plan_.rules[rules_[slot]];
  const bool looks_at_ports = planned.policy != nullptr || !planned.rule->requires_nothing;
  // Addresses that nobody could tell, or that may not be asked, were not looked at: what the others say is no pass.
  if (half_resolved_ && looks_at_ports) findings.push_back(blind_finding(*half_resolved_, planned.record.severity));
  message_.checks[slot].results = std::move(findings);
  note_ended(slot);
  if (unfinished_ > 1) note_progress();
}

}  // namespace audit::core

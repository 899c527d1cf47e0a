#include "audit/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "audit/attestations.hpp"
#include "audit/waivers.hpp"
#include "base/text.hpp"
#include "inventory/guard_index.hpp"
#include "inventory/limit.hpp"

namespace audit::core {
namespace {

bool allowed(Safety safety, const inventory::Settings& settings) {
  if (safety == Safety::intrusive) return settings.intrusive_allowed;
  return safety <= settings.safety;
}

/// Parameters name rules and parameters that exist, with values of their types.
void check_params(const Plan& plan, std::vector<std::string>& mistakes) {
  std::map<std::string, const lua::Rule*> by_id;
  std::vector<std::string_view> ids;
  for (const auto& rule : plan.rule_set.rules) {
    by_id[rule->record.id] = rule.get();
    ids.push_back(rule->record.id);
  }
  for (const inventory::ParamPlace& place : plan.inventory->params) {
    if (by_id.contains(place.rule)) continue;
    const std::string_view close = nearest(place.rule, ids);
    mistakes.push_back(fmt::format("{}:{}:{}: there is no rule `{}`{}", place.place.file, place.place.line,
                                   place.place.column, visible(place.rule),
                                   close.empty() ? std::string() : fmt::format("; did you mean `{}`?", close)));
  }
  std::vector<const inventory::Settings*> seen;
  for (const inventory::Entry& entry : plan.inventory->entries) {
    const inventory::Settings* settings = entry.settings.get();
    if (std::find(seen.rbegin(), seen.rend(), settings) != seen.rend()) continue;
    if (!settings->params.empty() || seen.size() < 64) seen.push_back(settings);
    for (const auto& [id, given] : settings->params) {
      const auto rule = by_id.find(id);
      if (rule == by_id.end()) continue;
      for (const auto& [key, value] : given) {
        Value::Object alone;
        alone[key] = value;
        const Result<Value::Object> params = lua::resolve_params(*rule->second, alone);
        if (params) continue;
        const auto place = std::find_if(
            plan.inventory->params.begin(), plan.inventory->params.end(),
            [&id = id, &key = key](const inventory::ParamPlace& one) { return one.rule == id && one.key == key; });
        const std::string where =
            place == plan.inventory->params.end()
                ? entry.place.file
                : fmt::format("{}:{}:{}", place->place.file, place->place.line, place->place.column);
        const std::string text = fmt::format("{}: {}", where, params.error().message);
        if (std::find(mistakes.begin(), mistakes.end(), text) == mistakes.end()) mistakes.push_back(text);
      }
    }
  }
}

/// Waivers name rules that are loaded, attestations frameworks.
void check_decisions(Plan& plan, const std::vector<RuleRecord>& rules, std::vector<std::string>& mistakes) {
  std::vector<std::string> ids;
  for (const RuleRecord& rule : rules) ids.push_back(rule.id);
  for (std::string& mistake : waiver_mistakes(plan.inventory->waivers, ids)) mistakes.push_back(std::move(mistake));
  AttestationComplaints complaints = check_attestations(plan.inventory->attestations, plan.rule_set.controls);
  for (std::string& mistake : complaints.mistakes) mistakes.push_back(std::move(mistake));
  plan.notices = std::move(complaints.notices);
}

void fill_scope(Plan& plan) {
  const std::optional<std::vector<AddressBlock>>& before_limit = plan.inventory->written_before_limit;
  plan.scope.written = before_limit ? *before_limit : inventory::written_by(plan.inventory->entries);
  plan.scope.include = plan.inventory->scope.include;
  for (const inventory::Exclude& exclude : plan.inventory->scope.exclude)
    plan.scope.exclude.insert(plan.scope.exclude.end(), exclude.blocks.begin(), exclude.blocks.end());
}

/// The policies that some entry asks for; what they ask in Lua joins the rules that the machine compiles.
void add_policies(Plan& plan) {
  const auto wanted = [&](const Policy& policy) {
    const inventory::Settings* last = nullptr;  // neighbours mostly share them
    return std::any_of(
        plan.inventory->entries.begin(), plan.inventory->entries.end(), [&](const inventory::Entry& entry) {
          return std::exchange(last, entry.settings.get()) != entry.settings.get() && policy.applies(*entry.settings);
        });
  };
  for (const Policy& policy : policies()) {
    if (!wanted(policy)) continue;
    PlannedRule planned;
    planned.record = policy.record;
    planned.policy = &policy;
    if (!policy.lua.empty()) {
      planned.lua_index = plan.rule_set.rules.size();
      plan.rule_set.rules.push_back(policy_in_lua(policy));
    }
    if (policy.judge != nullptr && policy.transport == Transport::udp && !plan.udp_asker) {
      plan.udp_asker = plan.rule_set.rules.size();
      plan.rule_set.rules.push_back(udp_asker());
    }
    plan.rules.push_back(std::move(planned));
  }
}

/// Rules that a group's safety keeps from its targets are counted and said, not dropped in silence.
void tell_withheld(Plan& plan) {
  std::map<std::string, std::pair<std::uint64_t, std::string>> withheld;
  for (const inventory::Entry& entry : plan.inventory->entries)
    for (const PlannedRule& rule : plan.rules)
      if (!allowed(rule.record.safety, *entry.settings) &&
          (rule.policy == nullptr || rule.policy->applies(*entry.settings))) {
        auto& [count, example] = withheld[rule.record.id];
        if (count++ == 0) example = entry.text;
      }
  for (const auto& [id, told] : withheld)
    plan.notices.push_back(fmt::format("{} is not planned for {} ({}{}): the safety of its groups does not allow it",
                                       id, counted(told.first, "entry", "entries"), told.second,
                                       told.first > 1 ? ", …" : ""));
}

/// Who is asked for first, though not for its own sake.
void tell_guards(Plan& plan) {
  if (!plan.inventory->guards || plan.inventory->guards->names().empty()) return;
  const std::vector<inventory::GuardIndex::Name>& names = plan.inventory->guards->names();
  plan.notices.push_back(
      fmt::format("{} ({}{}) before anything else is asked: what the inventory forbids or excludes there "
                  "holds for the addresses too, whichever entry names them",
                  counted(names.size(), "name is resolved", "names are resolved"), visible(names.front().name),
                  names.size() > 1 ? ", …" : ""));
}

}  // namespace

const PortSet& discovery_ports() {
  static const PortSet ports = *parse_ports("22,80,443");
  return ports;
}

PortSet ports_to_sweep(const Plan& plan, const std::vector<std::uint32_t>& rules, const inventory::Settings& settings,
                       bool candidate) {
  PortSet ports = plan.ports_for(rules, settings);
  if (!ports.empty() || !candidate) return ports;
  ports = discovery_ports();
  ports.remove(settings.never.tcp);
  return ports;
}

std::vector<std::uint32_t> Plan::asked_of(const inventory::Settings& settings) const {
  std::vector<std::uint32_t> ordinals;
  for (std::uint32_t i = 0; i < rules.size(); ++i) {
    const Policy* policy = rules[i].policy;
    const bool held = allowed(rules[i].record.safety, settings);
    if (held && (policy == nullptr || policy->applies(settings))) ordinals.push_back(i);
  }
  return ordinals;
}

std::vector<NotAsked> Plan::not_asked_of(const inventory::Settings& settings) const {
  std::vector<NotAsked> kept;
  for (std::uint32_t i = 0; i < rules.size(); ++i) {
    const Policy* policy = rules[i].policy;
    if (policy != nullptr && !policy->applies(settings))
      kept.push_back({i, LeftOutBy::expectations});
    else if (!allowed(rules[i].record.safety, settings))
      kept.push_back({i, LeftOutBy::safety});
  }
  return kept;
}

std::vector<std::uint32_t> Plan::rules_for(const inventory::Settings& settings) const {
  std::vector<std::uint32_t> ordinals = asked_of(settings);
  std::erase_if(ordinals, [&](std::uint32_t rule) { return is_of_run(rule); });
  return ordinals;
}

bool Plan::is_of_run(std::uint32_t rule) const {
  return rules[rule].rule != nullptr && rules[rule].rule->scope == lua::Scope::run;
}

std::vector<std::uint32_t> Plan::run_rules() const {
  std::vector<std::uint32_t> ordinals;
  for (std::uint32_t i = 0; i < rules.size(); ++i) {
    const bool asked =
        std::any_of(inventory->entries.begin(), inventory->entries.end(),
                    [&](const inventory::Entry& entry) { return allowed(rules[i].record.safety, *entry.settings); });
    if (is_of_run(i) && asked) ordinals.push_back(i);
  }
  return ordinals;
}

PortSet Plan::ports_for(const std::vector<std::uint32_t>& ordinals, const inventory::Settings& settings) const {
  PortSet ports;
  for (const std::uint32_t ordinal : ordinals) ports.add(rules[ordinal].record.ports.tcp);
  ports.add(expected_tcp_ports(settings));
  ports.add(settings.ports);
  ports.remove(settings.never.tcp);
  return ports;
}

PortSet Plan::udp_ports_for(const std::vector<std::uint32_t>& ordinals, const inventory::Settings& settings) const {
  const bool judged = std::any_of(ordinals.begin(), ordinals.end(), [&](std::uint32_t ordinal) {
    const Policy* policy = rules[ordinal].policy;
    return policy != nullptr && policy->judge != nullptr && policy->transport == Transport::udp;
  });
  return judged ? expected_udp_ports(settings) : PortSet();
}

PlanResult make_plan(std::shared_ptr<const inventory::Inventory> inventory, lua::RuleSet rules,
                     const std::string& select, std::uint64_t seed, bool allow_empty) {
  PlanResult result;
  auto plan = std::make_unique<Plan>();
  plan->inventory = std::move(inventory);
  plan->rule_set = std::move(rules);
  plan->seed = seed;
  const inventory::Place& at = plan->inventory->select_place;
  const bool written_there = at.line > 0 && select == plan->inventory->select;
  const std::string place = written_there ? fmt::format("{}:{}:{}: ", at.file, at.line, at.column) : std::string();
  Result<Selection> selection = Selection::parse(select.empty() ? "not tag:-" : select);
  if (!selection) {
    result.mistakes.push_back(place + selection.error().message);
    return result;
  }
  std::vector<RuleRecord> records;
  for (const auto& rule : plan->rule_set.rules) records.push_back(rule->record);
  const std::vector<RuleRecord> built_in = policy_rules();
  records.insert(records.end(), built_in.begin(), built_in.end());
  for (const auto& rule : plan->rule_set.rules)
    for (const RuleRecord& ours : built_in)
      if (rule->record.id == ours.id)
        result.mistakes.push_back(
            fmt::format("{}: `{}` is the id of a rule that is built in; choose another", rule->path, ours.id));
  if (!select.empty() && !allow_empty)
    for (const std::string& word : selection->unmatched(records, plan->rule_set.controls))
      result.mistakes.push_back(
          fmt::format("{}select: `{}` matches no rule; `audit rules list` shows what there is", place, visible(word)));
  for (std::size_t i = 0; i < plan->rule_set.rules.size(); ++i) {
    const auto& rule = plan->rule_set.rules[i];
    const bool wanted = select.empty() ? rule->record.safety != Safety::intrusive
                                       : selection->matches(rule->record, plan->rule_set.controls);
    if (!wanted) continue;
    PlannedRule planned;
    planned.record = rule->record;
    planned.lua_index = i;
    planned.rule = rule;
    plan->rules.push_back(std::move(planned));
  }
  check_params(*plan, result.mistakes);
  check_decisions(*plan, records, result.mistakes);
  add_policies(*plan);
  std::sort(plan->rules.begin(), plan->rules.end(),
            [](const PlannedRule& a, const PlannedRule& b) { return a.record.id < b.record.id; });
  if (!result.mistakes.empty()) return result;
  fill_scope(*plan);
  tell_withheld(*plan);
  tell_guards(*plan);
  if (plan->inventory->left_out) plan->notices.push_back(words_of(*plan->inventory->left_out));
  plan->notices.insert(plan->notices.begin(), plan->inventory->notices.begin(), plan->inventory->notices.end());
  plan->expansion = std::make_unique<inventory::Expansion>(*plan->inventory, seed);
  result.plan = std::move(plan);
  return result;
}

}  // namespace audit::core

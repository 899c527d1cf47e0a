#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "audit/earlier_targets.hpp"
#include "audit/not_asked.hpp"
#include "audit/policy.hpp"
#include "audit/select.hpp"
#include "inventory/expansion.hpp"
#include "lua/rule.hpp"
#include "net/permit.hpp"

namespace audit::core {

/// One rule of the plan; its place in the plan is its ordinal.
struct PlannedRule {
  RuleRecord record;
  const Policy* policy = nullptr;  // of a built-in one
  std::size_t lua_index = 0;       // into the RuleSet, where Lua judges
  std::shared_ptr<const lua::Rule> rule;
};

/// What is asked of whom: fixed before the first packet, read by every shard.
struct Plan {
  std::shared_ptr<const inventory::Inventory> inventory;
  lua::RuleSet rule_set;
  std::optional<std::size_t> udp_asker;  // into the RuleSet; where UDP ports are expected
  std::vector<PlannedRule> rules;        // the selected ones by id, the built-in ones among them
  std::uint64_t seed = 0;
  std::uint32_t echoes = 0;  // that each host which lives, or is listed, is sent beside its sweep, for round trips
  EarlierTargets earlier;    // candidates that stay targets, silent as they may be
  std::unique_ptr<inventory::Expansion> expansion;
  net::ScopeRules scope;
  std::vector<std::string> notices;

  /// The ordinals of the rules that hold for targets with these settings: what is planned for each of them.
  [[nodiscard]] std::vector<std::uint32_t> rules_for(const inventory::Settings& settings) const;
  /// And those that are asked of each of them besides: run-scope rules, which have one check, of target `*`.
  [[nodiscard]] std::vector<std::uint32_t> asked_of(const inventory::Settings& settings) const;
  /// And those that are not, though others are asked them.
  [[nodiscard]] std::vector<NotAsked> not_asked_of(const inventory::Settings& settings) const;
  [[nodiscard]] bool is_of_run(std::uint32_t rule) const;
  /// The run-scope rules that are asked of some entry of the inventory: one check is planned for each.
  [[nodiscard]] std::vector<std::uint32_t> run_rules() const;
  /// The ports that these rules and the settings' expectations look at, without those that are never touched.
  [[nodiscard]] PortSet ports_for(const std::vector<std::uint32_t>& rules, const inventory::Settings& settings) const;
  /// The UDP ports alike: those of the expectations, where one of these rules judges them.
  [[nodiscard]] PortSet udp_ports_for(const std::vector<std::uint32_t>& rules,
                                      const inventory::Settings& settings) const;
};

/// Asked of candidates where the plan names no port at all, only to see who lives.
[[nodiscard]] const PortSet& discovery_ports();

/// What is swept of a target: the ports that its rules look at; of a candidate at least the discovery ports.
[[nodiscard]] PortSet ports_to_sweep(const Plan& plan, const std::vector<std::uint32_t>& rules,
                                     const inventory::Settings& settings, bool candidate);

/// A mistake found while planning: of the selection, a rule, or a parameter; "file:line: …" where a file is at fault.
struct PlanResult {
  std::unique_ptr<Plan> plan;  // null where there are mistakes
  std::vector<std::string> mistakes;
};

/// Selects the rules, checks parameters and scope against them. `select` is the expression to use, "" for the default:
/// everything that is not intrusive. A word of it that matches no rule is a mistake, unless `allow_empty`.
[[nodiscard]] PlanResult make_plan(std::shared_ptr<const inventory::Inventory> inventory, lua::RuleSet rules,
                                   const std::string& select, std::uint64_t seed, bool allow_empty = false);

}  // namespace audit::core

#include "worked.hpp"

#include <fmt/format.h>

#include "audit/run_checks.hpp"

namespace audit::core {

std::shared_ptr<lua::Rule> make_rule(const std::string& id, const RuleMake& make) {
  auto rule = std::make_shared<lua::Rule>();
  rule->record.id = id;
  rule->record.title = id;
  rule->record.severity = make.severity;
  rule->record.safety = make.safety;
  rule->record.tags = make.tags;
  if (!make.ports.empty()) rule->record.ports.tcp = *parse_ports(make.ports);
  rule->requires_nothing = make.ports.empty();
  rule->absent = make.absent;
  rule->scope = make.endpoint ? lua::Scope::endpoint : lua::Scope::target;
  rule->path = "rules/" + id + ".lua";
  rule->source = fmt::format("return rule {{ check = function(target, endpoint)\n{}\nend }}\n", make.body);
  if (make.collect.empty()) return rule;
  rule->scope = lua::Scope::run;
  rule->source = fmt::format("return rule {{ collect = function(target)\n{}\nend, check = function(run)\n{}\nend }}\n",
                             make.collect, make.body);
  return rule;
}

std::shared_ptr<inventory::Inventory> inventory_of(std::string_view text) {
  inventory::Loaded loaded = inventory::load_text(text, "inv.toml");
  for (const inventory::Mistake& mistake : loaded.mistakes) UNSCOPED_INFO(mistake.text());
  INFO(text);
  REQUIRE(loaded.inventory);
  return std::make_shared<inventory::Inventory>(*std::move(loaded.inventory));
}

std::unique_ptr<Plan> plan_of(std::string_view inventory, std::vector<std::shared_ptr<lua::Rule>> rules,
                              const std::string& select, std::uint64_t seed) {
  lua::RuleSet set;
  for (auto& rule : rules) set.rules.push_back(std::move(rule));
  PlanResult result = make_plan(inventory_of(inventory), std::move(set), select, seed);
  for (const std::string& mistake : result.mistakes) UNSCOPED_INFO(mistake);
  REQUIRE(result.plan);
  return std::move(result.plan);
}

Worked::Worked(std::unique_ptr<Plan> plan_in)
    : plan(std::move(plan_in)), shared(*plan, rate, resolver, identity, keeper) {}

void Worked::run() {
  Worker worker(shared, world);
  worker.start();
  world.run();
  REQUIRE_FALSE(worker.failure());
  for (std::uint64_t at = shared.cursor.take(); at != shared.cursor.size(); at = shared.cursor.take()) {
    const inventory::Member member = plan->expansion->at(at);
    if (!plan->expansion->duplicate(member)) shared.deliver(unreached(*plan, member, &shared.name_guards));
  }
  if (world.stopped()) {
    keeper.conclude(unjudged_run(*plan, shared.gathering));
    return;
  }
  worker.start_judging();
  world.run();
  REQUIRE_FALSE(worker.failure());
}

const Check& Worked::check(std::string_view rule, std::string_view target) const {
  const Check* found = nullptr;
  for (const TargetMessage& message : keeper.messages)
    for (const Check& one : message.checks)
      if (one.rule == rule && (target.empty() || one.target == target)) {
        REQUIRE(found == nullptr);
        found = &one;
      }
  for (const RunMessage& message : keeper.of_run)
    for (const Check& one : message.checks)
      if (one.rule == rule && (target.empty() || one.target == target)) {
        REQUIRE(found == nullptr);
        found = &one;
      }
  INFO(rule << " " << target);
  REQUIRE(found != nullptr);
  return *found;
}

std::string Worked::status(std::string_view rule, std::string_view target) const {
  const Finding& finding = check(rule, target).foremost();
  return fmt::format("{} {}", name_of(finding.status), name_of(finding.reason));
}

std::size_t Worked::count(Fate fate) const {
  return static_cast<std::size_t>(std::count_if(keeper.messages.begin(), keeper.messages.end(),
                                                [&](const TargetMessage& message) { return message.fate == fate; }));
}

void Worked::host(std::string_view address, net::PortEvent other) { world.host(*parse_address(address), other); }

void Worked::port(std::string_view address, std::uint16_t port, net::PortEvent event,
                  std::vector<net::ScriptStep> steps) {
  Endpoint endpoint;
  endpoint.address = *parse_address(address);
  endpoint.port = port;
  net::ScriptedPort behaviour;
  behaviour.event = event;
  behaviour.steps = std::move(steps);
  world.port(endpoint, std::move(behaviour));
}

}  // namespace audit::core

#include <fmt/format.h>

#include <iostream>
#include <set>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/source_options.hpp"

namespace audit::cli {
namespace {

/// What of the inventory counts how, without walking a /8.
struct Census {
  std::uint64_t listed = 0;
  std::uint64_t names = 0;
  std::uint64_t candidates = 0;
  std::uint64_t checks_listed = 0;      // planned for sure
  std::uint64_t checks_candidates = 0;  // if every candidate lived
  std::uint64_t probes = 0;             // of the sweep, at one attempt each
  std::uint64_t udp = 0;                // questions to UDP ports that are expected
  double udp_seconds = 0;               // of the slowest target, where none of them answers
  std::uint64_t echoes = 0;             // at most: one to each host that is swept, at one attempt each
};

Census count(const core::Plan& plan) {
  Census census;
  for (const inventory::Entry& entry : plan.inventory->entries) {
    const std::vector<std::uint32_t> rules = plan.rules_for(*entry.settings);
    const std::vector<std::uint32_t> asked = plan.asked_of(*entry.settings);
    const bool candidates = entry.kind == inventory::Entry::Kind::block && !entry.settings->assume_up;
    const std::uint64_t ports = core::ports_to_sweep(plan, asked, *entry.settings, candidates).size();
    const std::uint64_t size = entry.kind == inventory::Entry::Kind::name ? 1 : entry.block.size();
    if (entry.kind == inventory::Entry::Kind::block) {
      census.candidates += size;
      census.checks_candidates += size * rules.size();
    } else {
      ++(entry.kind == inventory::Entry::Kind::name ? census.names : census.listed);
      census.checks_listed += rules.size();
    }
    census.probes += size * ports;
    const std::uint64_t udp = plan.udp_ports_for(rules, *entry.settings).size();
    const inventory::Limits& limits = entry.settings->limits;
    const double at_once = limits.gap > Duration::zero() ? 1 : limits.per_target;
    const double silent = static_cast<double>(udp) * limits.attempts * seconds(limits.timeout) / at_once;
    census.udp += size * udp;
    census.udp_seconds = std::max(census.udp_seconds, silent);
    if (ports > 0 || candidates) census.echoes += size;
  }
  return census;
}

void print_rules(const core::Plan& plan) {
  fmt::print("Rules ({}):\n", plan.rules.size());
  for (const core::PlannedRule& rule : plan.rules) {
    const bool asks_always = rule.rule && rule.rule->requires_nothing;
    const std::string subject = rule.policy != nullptr ? std::string(rule.policy->setting)
                                : asks_always          ? std::string("always")
                                                       : rule.record.ports.format();
    fmt::print("  {:<26} {:<8} {:<9} {:<24} {}\n", rule.record.id, name_of(rule.record.severity),
               name_of(rule.record.safety), subject, visible(rule.record.title));
  }
}

void print_entries(const core::Plan& plan) {
  constexpr std::size_t most = 40;
  fmt::print("Entries ({}):\n", plan.inventory->entries.size());
  std::size_t shown = 0;
  for (const inventory::Entry& entry : plan.inventory->entries) {
    if (shown++ == most) {
      fmt::print("  … and {} more\n", plan.inventory->entries.size() - most);
      return;
    }
    const bool block = entry.kind == inventory::Entry::Kind::block;
    const std::vector<std::uint32_t> rules = plan.asked_of(*entry.settings);
    fmt::print("  {:<26} {:<28} {}, ports {}\n", visible(entry.text),
               block ? counted(entry.block.size(), "candidate")
                     : std::string(entry.kind == inventory::Entry::Kind::name ? "a name" : "listed"),
               counted(rules.size(), "rule"), plan.ports_for(rules, *entry.settings).format());
  }
}

/// per_target may differ from group to group: `audit inventory --explain` has a target's own.
void print_bounds(const inventory::Limits& limits) {
  if (!limits.per_prefix_bounds_sweep) {
    fmt::print("At once: {} with one /24 or /48; the sweep is bounded by its rate alone (per_prefix is not written)\n",
               counted(limits.per_prefix, "conversation"));
    return;
  }
  const double unanswered = limits.per_prefix / seconds(limits.timeout);
  fmt::print(
      "At once: {} with one /24 or /48, those of the sweep among them: where nothing answers, at most {:.1f} attempts "
      "a "
      "second there\n",
      counted(limits.per_prefix, "connection"), unanswered);
}

int print_plan(const core::Plan& plan) {
  const inventory::Inventory& inventory = *plan.inventory;
  const Census census = count(plan);
  print_rules(plan);
  print_entries(plan);
  fmt::print("Checks: {} planned for what is listed", census.checks_listed);
  if (const std::size_t of_run = plan.run_rules().size(); of_run > 0)
    fmt::print(", and {} of the whole run (target `*`)", of_run);
  if (census.candidates > 0) fmt::print(", up to {} more if every candidate lives", census.checks_candidates);
  fmt::print(
      "\nSweep: {} at one attempt each, and up to {}, to hosts not found alive at once; up to {} attempts where "
      "there is no answer\n",
      counted(census.probes, "TCP connect"), counted(census.echoes, "ICMP echo", "ICMP echoes"),
      inventory.limits.attempts);
  if (census.udp > 0)
    fmt::print(
        "UDP: {} at one attempt each; an open port that says nothing looks like a filtered one, and where none answers "
        "one target takes about {:.0f} s\n",
        counted(census.udp, "datagram"), census.udp_seconds);
  fmt::print("Time: at least {:.1f} s at {:.0f} probes a second\n",
             static_cast<double>(census.probes + census.udp) / inventory.limits.rate, inventory.limits.rate);
  print_bounds(inventory.limits);
  const net::ResolverConfig resolvers = resolvers_of(inventory);
  std::string servers;
  for (const Endpoint& server : resolvers.servers)
    servers += fmt::format("{}{}", servers.empty() ? "" : ", ", format_socket(server.address, server.port));
  fmt::print("Resolvers, outside the scope: {}\n", servers.empty() ? "none" : servers);
  fmt::print("Never touched: {}\n", inventory.scope.never.format());
  for (const inventory::Exclude& exclude : inventory.scope.exclude) fmt::print("Excluded: {}\n", visible(exclude.text));
  for (const std::string& notice : plan.notices) fmt::print("Note: {}\n", visible(notice));
  fmt::print("Seed: {}\nNothing was sent, and no name was resolved.\n", plan.seed);
  if (plan.rules.empty() || inventory.entries.empty()) {
    std::cerr << "audit plan: nothing would be asked\n";
    return exit_incomplete;
  }
  return exit_complete;
}

}  // namespace

void add_plan(CLI::App& program, int& code) {
  CLI::App* command = program.add_subcommand("plan", "What would be asked of whom; sends nothing");
  const auto sources = std::make_shared<Sources>();
  add_source_options(*command, *sources);
  command->footer("Exit codes: 0 there is something to ask; 2 there is nothing; 64 usage; 78 bad inventory or rule.");
  command->callback([sources, command, &code] {
    code = exit_usage;
    if (!check_sources(*command, *sources)) return;
    code = exit_config;
    const std::shared_ptr<inventory::Inventory> inventory = load_inventory(*sources);
    if (!inventory) return;
    const std::unique_ptr<core::Plan> plan = prepare_plan(*sources, inventory);
    if (plan) code = print_plan(*plan);
  });
}

}  // namespace audit::cli

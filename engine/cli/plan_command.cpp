#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <optional>

#include "audit/waivers.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/credentials.hpp"
#include "cli/exit_code.hpp"
#include "cli/plan_census.hpp"
#include "cli/plan_names.hpp"
#include "cli/source_options.hpp"
#include "cli/time_span.hpp"
#include "inventory/guard_index.hpp"
#include "inventory/time_zone.hpp"

namespace audit::cli {
namespace {

/// "12", "12 +254": planned for sure, and more if every candidate lives.
std::string checks_of(const Census::OfRule& rule) {
  if (rule.candidates == 0) return fmt::format("{}", rule.listed);
  return fmt::format("{} +{}", rule.listed, rule.candidates);
}

void print_rules(const core::Plan& plan, const Census& census) {
  fmt::print("Rules ({}), what each asks, and its checks{}:\n", plan.rules.size(),
             census.candidate_checks() > 0 ? " (+ if every candidate lives)" : "");
  for (std::size_t i = 0; i < plan.rules.size(); ++i) {
    const core::PlannedRule& rule = plan.rules[i];
    const bool asks_always = rule.rule && rule.rule->requires_nothing;
    const std::string subject = rule.policy != nullptr ? std::string(rule.policy->setting)
                                : asks_always          ? std::string("always")
                                                       : rule.record.ports.format();
    const std::string checks = plan.is_of_run(static_cast<std::uint32_t>(i)) ? "1" : checks_of(census.rules[i]);
    fmt::print("  {:<26} {:<8} {:<9} {:<24} {:<9} {}\n", rule.record.id, name_of(rule.record.severity),
               name_of(rule.record.safety), subject, checks, visible(rule.record.title));
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
    const std::optional<inventory::Settings> bound = inventory::bound_settings(*plan.inventory, entry);
    const inventory::Settings& settings = bound ? *bound : *entry.settings;
    const std::vector<std::uint32_t> rules = plan.asked_of(settings);
    fmt::print("  {:<26} {:<28} {}, ports {}\n", visible(entry.text),
               block ? counted(entry.block.size(), "candidate")
                     : std::string(entry.kind == inventory::Entry::Kind::name ? "a name" : "listed"),
               counted(rules.size(), "rule"), plan.ports_for(rules, settings).format());
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

/// By kind, at one attempt each.
void print_probes(const Census& census, std::uint32_t attempts) {
  const std::string_view up_to = census.exact ? "" : "at most ";
  fmt::print(
      "\nSweep: {}{} at one attempt each, and up to {}, to hosts not found alive at once; up to {} attempts where "
      "there is no answer\n",
      up_to, counted(census.connects, "TCP connect"), counted(census.echoes, "ICMP echo", "ICMP echoes"), attempts);
  if (census.datagrams > 0)
    fmt::print(
        "UDP: {}{} at one attempt each; an open port that says nothing looks like a filtered one, and where none "
        "answers "
        "one target takes about {}\n",
        up_to, counted(census.datagrams, "datagram"), rough_time(seconds(census.longest_silence)));
  if (census.questions > 0)
    fmt::print("Names: {} to resolve {}\n", counted(census.questions, "DNS question"), counted(census.names, "name"));
  fmt::print("And what the rules ask where a port is open, which only the sweep can tell\n");
}

std::string least_time(double seconds) { return seconds < 60 ? fmt::format("{:.1f} s", seconds) : rough_time(seconds); }

void print_time(const Census& census, const inventory::Limits& limits) {
  const double least =
      std::max(static_cast<double>(census.connects + census.datagrams) / limits.rate, seconds(census.longest_gap));
  fmt::print("Time: at least {} at {:.0f} probes a second", least_time(least), limits.rate);
  if (limits.attempts > 1)
    fmt::print("; about {} of sweep where nothing answers",
               least_time(std::max(static_cast<double>(census.connects) * limits.attempts / limits.rate +
                                       seconds(limits.timeout) * limits.attempts,
                                   least)));
  if (census.longest_gap > Duration::zero())
    fmt::print(" ({} of it the gap of one target)", format_duration(census.longest_gap));
  fmt::print("\n");
}

/// What the run's coverage can come to, whatever the network answers.
void print_coverage(const core::Plan& plan, const Census& census) {
  const std::uint64_t planned = census.listed_checks() + plan.run_rules().size();
  if (census.listed_checks() == 0 && census.candidates == 0 && census.excluded > 0) {
    fmt::print("Coverage: of no target: every one is excluded\n");
    return;
  }
  if (planned == 0) return;
  const std::uint64_t hidden = census.hidden_checks();
  const double best = static_cast<double>(planned - hidden) / static_cast<double>(planned);
  fmt::print("Coverage: {:.4g} at best, where every listed target answers", best);
  if (hidden > 0) {
    fmt::print("; {} cannot be reviewed, since `never` forbids ports of:", counted(hidden, "check"));
    for (std::size_t i = 0; i < plan.rules.size(); ++i)
      if (census.rules[i].hidden > 0) fmt::print(" {} ({})", plan.rules[i].record.id, census.rules[i].hidden);
  }
  if (best < plan.inventory->require_coverage)
    fmt::print("; below require_coverage = {:.4g}: the run would exit with 2", plan.inventory->require_coverage);
  fmt::print("\n");
}

/// What keeps checks from being made or accepted that nothing on the network can mend.
void print_shortcomings(const inventory::Inventory& inventory, bool allow_commands) {
  for (const std::string& missing : missing_credentials(inventory, allow_commands))
    fmt::print("Missing: {}; checks that need it end as not_reviewed (missing_credential)\n", missing);
  const WallTime now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  for (const WaiverRecord& waiver : core::judge_waivers(inventory, inventory::day_in(inventory.timezone, now)))
    if (waiver.state == WaiverState::expired)
      fmt::print("Expired: waiver {} of {} ended on {}; what it names fails visibly again\n", visible(waiver.id),
                 visible(waiver.rule), format_day(waiver.expires));
}

/// Addresses that are no targets, and get news of the run.
void print_notifiers(const inventory::Inventory& inventory, bool allow_commands) {
  for (const NotifySettings& one : inventory.notifiers)
    fmt::print("Notifies, outside the scope: {} ({}) {}, {}{}\n", one.name, name_of(one.kind), destination_of(one),
               one.kind == NotifierKind::ping ? "at the start and the end" : "when " + words_of(one.when),
               one.kind == NotifierKind::command && !allow_commands ? "; not without --allow-commands" : "");
}

int print_plan(const core::Plan& plan, bool allow_commands, bool resolve) {
  const inventory::Inventory& inventory = *plan.inventory;
  const Census census = count(plan);
  print_rules(plan, census);
  print_entries(plan);
  const net::ResolverConfig resolvers = resolvers_of(inventory);
  const bool resolved = resolve && census.names > 0;
  if (resolved) {
    std::fflush(stdout);  // resolvers may take their time
    print_names(plan, resolvers);
  }
  fmt::print("Checks: {} planned for what is listed", census.listed_checks());
  if (const std::size_t of_run = plan.run_rules().size(); of_run > 0)
    fmt::print(", and {} of the whole run (target `*`)", of_run);
  if (census.candidates > 0) fmt::print(", up to {} more if every candidate lives", census.candidate_checks());
  print_probes(census, inventory.limits.attempts);
  print_time(census, inventory.limits);
  print_coverage(plan, census);
  print_bounds(inventory.limits);
  std::string servers;
  for (const Endpoint& server : resolvers.servers)
    servers += fmt::format("{}{}", servers.empty() ? "" : ", ", format_socket(server.address, server.port));
  fmt::print("Resolvers, outside the scope: {}\n", servers.empty() ? "none" : servers);
  print_notifiers(inventory, allow_commands);
  fmt::print("Never touched: {}\n", inventory.scope.never.format());
  for (const inventory::Exclude& exclude : inventory.scope.exclude) fmt::print("Excluded: {}\n", visible(exclude.text));
  if (census.excluded > 0)
    fmt::print("Excluded in all: {}, not counted above\n", counted(census.excluded, "address", "addresses"));
  print_shortcomings(inventory, allow_commands);
  for (const std::string& notice : plan.notices) fmt::print("Note: {}\n", visible(notice));
  fmt::print("Seed: {}\n{}\n", plan.seed,
             resolved ? "Nothing was sent but the questions for names, to the resolvers."
                      : "Nothing was sent, and no name was resolved.");
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
  const auto resolve = std::make_shared<bool>(false);
  add_source_options(*command, *sources);
  command->add_flag("--resolve", *resolve,
                    "Ask the resolvers what the names lead to, and say which addresses a run would ask");
  command->footer("Exit codes: 0 there is something to ask; 2 there is nothing; 64 usage; 78 bad inventory or rule.");
  command->callback([sources, resolve, command, &code] {
    code = exit_usage;
    if (!check_sources(*command, *sources)) return;
    const std::shared_ptr<inventory::Inventory> inventory = load_inventory(*sources, code);
    if (!inventory) return;
    const std::unique_ptr<core::Plan> plan = prepare_plan(*sources, inventory, code);
    if (plan) code = print_plan(*plan, sources->allow_commands, *resolve);
  });
}

}  // namespace audit::cli

#include "cli/plan_census.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

#include "inventory/guard_index.hpp"

namespace audit::cli {
namespace {

using inventory::Entry;

constexpr std::uint64_t most_walked = std::uint64_t{1} << 20U;

/// How many targets each entry stands for, without what is excluded or left to another entry.
std::vector<std::uint64_t> sizes_of(const core::Plan& plan, Census& census) {
  const std::vector<Entry>& entries = plan.inventory->entries;
  const inventory::Expansion& expansion = *plan.expansion;
  std::vector<std::uint64_t> sizes(entries.size());
  census.exact = expansion.size() <= most_walked;
  if (!census.exact) {
    for (std::size_t i = 0; i < entries.size(); ++i)
      sizes[i] = entries[i].kind == Entry::Kind::block ? entries[i].block.size() : 1;
    return sizes;
  }
  for (std::uint64_t ordinal = 0; ordinal < expansion.size(); ++ordinal) {
    const inventory::Member member = expansion.at_ordinal(ordinal);
    if (expansion.duplicate(member)) continue;
    if (member.excluded != nullptr)
      ++census.excluded;
    else
      ++sizes[static_cast<std::size_t>(member.entry - entries.data())];
  }
  return sizes;
}

bool overlap(const PortSet& wanted, const PortSet& never) {
  PortSet left = wanted;
  left.remove(never);
  return left.size() < wanted.size();
}

/// Does `never` forbid a port without which the rule cannot pass?
bool is_hidden(const core::PlannedRule& rule, const inventory::Settings& settings) {
  if (rule.policy == nullptr) return overlap(rule.record.ports.tcp, settings.never.tcp);
  if (rule.record.id == "policy.port-missing")
    return rule.policy->transport == Transport::tcp && overlap(settings.expect_tcp->require, settings.never.tcp);
  if (rule.record.id == "policy.udp-missing") return overlap(settings.expect_udp->require, settings.never.udp);
  return false;
}

/// How long the UDP ports of one target take where none of them answers.
Duration silence_of(std::uint64_t ports, const inventory::Limits& limits) {
  const double at_once = limits.gap > Duration::zero() ? 1 : limits.per_target;
  const double silent = static_cast<double>(ports) * limits.attempts * seconds(limits.timeout) / at_once;
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(silent));
}

std::uint64_t sum(const std::vector<Census::OfRule>& rules, std::uint64_t Census::OfRule::*part) {
  return std::accumulate(rules.begin(), rules.end(), std::uint64_t{0},
                         [&](std::uint64_t total, const Census::OfRule& rule) { return total + rule.*part; });
}

}  // namespace

std::uint64_t Census::listed_checks() const { return sum(rules, &OfRule::listed); }
std::uint64_t Census::candidate_checks() const { return sum(rules, &OfRule::candidates); }
std::uint64_t Census::hidden_checks() const { return sum(rules, &OfRule::hidden); }

Census count(const core::Plan& plan) {
  Census census;
  census.rules.resize(plan.rules.size());
  const std::vector<std::uint64_t> sizes = sizes_of(plan, census);
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const Entry& entry = plan.inventory->entries[i];
    const std::optional<inventory::Settings> bound = inventory::bound_settings(*plan.inventory, entry);
    const inventory::Settings& settings = bound ? *bound : *entry.settings;
    const std::uint64_t size = sizes[i];
    if (size == 0) continue;
    const bool block = entry.kind == Entry::Kind::block;
    for (const std::uint32_t rule : plan.rules_for(settings)) {
      Census::OfRule& of_rule = census.rules[rule];
      (block ? of_rule.candidates : of_rule.listed) += size;
      if (!block && is_hidden(plan.rules[rule], settings)) of_rule.hidden += size;
    }
    (block ? census.candidates : entry.kind == Entry::Kind::name ? census.names : census.addresses) += size;
    const bool looked_for = block && !settings.assume_up;
    const std::uint64_t ports = core::ports_to_sweep(plan, plan.asked_of(settings), settings, looked_for).size();
    census.connects += size * ports;
    if (ports > 0 || looked_for) census.echoes += size;
    const std::uint64_t udp = plan.udp_ports_for(plan.asked_of(settings), settings).size();
    census.datagrams += size * udp;
    census.longest_silence = std::max(census.longest_silence, silence_of(udp, settings.limits));
    if (entry.kind == Entry::Kind::name) census.questions += 2 * size;
    if (ports > 1)
      census.longest_gap =
          std::max<Duration>(census.longest_gap, settings.limits.gap * static_cast<std::int64_t>(ports - 1));
  }
  return census;
}

}  // namespace audit::cli

#include "cli/plan_census.hpp"

#include <algorithm>
#include <numeric>

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

bool is_hidden(const core::PlannedRule& rule, const inventory::Settings& settings) {
  const PortSet& wanted =
      rule.judge == core::Judge::port_missing ? settings.expect_tcp->require : rule.record.ports.tcp;
  return std::any_of(wanted.ranges().begin(), wanted.ranges().end(), [&](const PortSet::Range& range) {
    for (std::uint32_t port = range.first; port <= range.last; ++port)
      if (settings.never.tcp.contains(static_cast<std::uint16_t>(port))) return true;
    return false;
  });
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
    const inventory::Settings& settings = *entry.settings;
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
    if (entry.kind == Entry::Kind::name) census.questions += 2 * size;
    if (ports > 1)
      census.longest_gap =
          std::max<Duration>(census.longest_gap, settings.limits.gap * static_cast<std::int64_t>(ports - 1));
  }
  return census;
}

}  // namespace audit::cli

#include "inventory/guard_index.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>

namespace audit::inventory {
namespace {

Safety safety_of(const Settings& settings) {
  return settings.intrusive_allowed ? Safety::intrusive : std::min(settings.safety, Safety::normal);
}

/// The most that any entry allows: what is no less forbids nothing to the others.
Guard loosest_of(const Inventory& inventory) {
  Guard loosest;
  loosest.safety = Safety::connect;
  loosest.gap = inventory.limits.gap;
  for (const Entry& entry : inventory.entries) {
    if (!entry.settings) continue;
    loosest.safety = std::max(loosest.safety, safety_of(*entry.settings));
    loosest.gap = std::min(loosest.gap, entry.settings->limits.gap);
  }
  return loosest;
}

/// What an entry asks beyond that. A network's defaults give way to what is listed within it, as everywhere.
Guard guard_of(const Entry& entry, const Inventory& inventory, const Guard& loosest) {
  const Settings& settings = *entry.settings;
  const bool network = entry.kind == Entry::Kind::block;
  Guard guard;
  if (!(settings.never == inventory.scope.never)) guard.never = settings.never;
  const Safety safety = safety_of(settings);
  if (safety < (network ? Safety::normal : loosest.safety)) guard.safety = safety;
  if (settings.limits.gap > (network ? inventory.limits.gap : loosest.gap)) guard.gap = settings.limits.gap;
  return guard;
}

std::string excluded_by(const Entry& entry, const Inventory& inventory) {
  const std::vector<std::string>& groups = entry.settings->groups;
  for (const Exclude& exclude : inventory.scope.exclude)
    if (!exclude.group.empty() && std::find(groups.begin(), groups.end(), exclude.group) != groups.end())
      return exclude.text;
  return {};
}

}  // namespace

void Guard::add(const Guard& other) {
  never.add(other.never);
  safety = std::min(safety, other.safety);
  gap = std::max(gap, other.gap);
}

bool Guard::binds(const Settings& settings) const {
  TransportPorts all = settings.never;
  all.add(never);
  return !(all == settings.never) || safety < safety_of(settings) || gap > settings.limits.gap;
}

void Guard::bind(Settings& settings) const {
  settings.never.add(never);
  if (safety < safety_of(settings)) {
    settings.safety = safety;
    settings.intrusive_allowed = false;
  }
  settings.limits.gap = std::max(settings.limits.gap, gap);
}

GuardIndex::GuardIndex(const Inventory& inventory) {
  const Guard loosest = loosest_of(inventory);
  std::map<std::tuple<std::string, Safety, Duration>, std::pair<Guard, std::vector<AddressBlock>>> by_guard;
  for (const Entry& entry : inventory.entries) {
    if (!entry.settings) continue;
    Guard guard = guard_of(entry, inventory, loosest);
    if (entry.kind == Entry::Kind::name) {
      std::string exclude = excluded_by(entry, inventory);
      if (!exclude.empty() || !(guard == Guard())) names_.push_back({entry.name, std::move(guard), std::move(exclude)});
      continue;
    }
    if (guard == Guard()) continue;
    auto& [known, blocks] = by_guard[{guard.never.format(), guard.safety, guard.gap}];
    known = std::move(guard);
    blocks.push_back(entry.block);
  }
  for (const auto& [key, part] : by_guard) parts_.push_back({part.first, BlockIndex(part.second)});
}

Guard GuardIndex::at(const IpAddress& address) const {
  Guard guard;
  for (const Part& part : parts_)
    if (part.blocks.find(address)) guard.add(part.guard);
  return guard;
}

std::optional<Settings> bound_settings(const Inventory& inventory, const Entry& entry) {
  if (!inventory.guards || entry.kind != Entry::Kind::address || !entry.settings) return std::nullopt;
  const Guard guard = inventory.guards->at(entry.block.first);
  if (!guard.binds(*entry.settings)) return std::nullopt;
  Settings settings = *entry.settings;
  guard.bind(settings);
  return settings;
}

}  // namespace audit::inventory

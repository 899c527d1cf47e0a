#include "inventory/explain.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "inventory/notation.hpp"
#include "inventory/read_value.hpp"
#include "inventory/zone_index.hpp"
#include "inventory/zones.hpp"

namespace audit::inventory {
namespace {

bool names_same(const Entry& a, const Entry& b) {
  if (a.kind != b.kind) return false;
  return a.kind == Entry::Kind::name ? a.name == b.name : a.block == b.block;
}

/// A listed target goes before a block that covers it, and an earlier block before a later one.
void find_entries(const Inventory& inventory, const Entry& wanted, Membership& membership) {
  std::vector<const Entry*> found;
  for (const Entry& entry : inventory.entries)
    if (names_same(entry, wanted)) found.push_back(&entry);
  if (wanted.kind == Entry::Kind::address)
    for (const Entry& entry : inventory.entries)
      if (entry.kind == Entry::Kind::block && entry.block.contains(wanted.block.first)) found.push_back(&entry);
  if (found.empty()) return;
  membership.entry = found.front();
  membership.also.assign(found.begin() + 1, found.end());
}

const Exclude* find_exclude(const Inventory& inventory, const Entry& wanted) {
  for (const Exclude& exclude : inventory.scope.exclude) {
    const bool named =
        wanted.kind == Entry::Kind::name && !exclude.name_glob.empty() && glob_match(exclude.name_glob, wanted.name);
    const bool covered = wanted.kind == Entry::Kind::address &&
                         std::any_of(exclude.blocks.begin(), exclude.blocks.end(),
                                     [&](const AddressBlock& block) { return block.contains(wanted.block.first); });
    if (named || covered) return &exclude;
  }
  return nullptr;
}

constexpr std::string_view how_to_list = "; `audit inventory` lists its targets";

std::string nearest_target(const Inventory& inventory, const std::string& text) {
  constexpr std::size_t most = 10'000;  // names compared
  std::vector<std::string_view> known;
  for (const Entry& entry : inventory.entries)
    if (entry.kind == Entry::Kind::name && known.size() < most) known.push_back(entry.name);
  const std::string_view close = nearest(text, known);
  return close.empty() ? std::string(how_to_list) : fmt::format("; did you mean {}?", visible(close));
}

const Zone* zone_of(const Inventory& inventory, const Entry& wanted, const Entry& found) {
  if (wanted.kind != Entry::Kind::name) return ZoneIndex(inventory.zones).find(wanted.block.first);
  for (const Zone& zone : inventory.zones)
    if (zone.name == found.settings->zone) return &zone;
  return nullptr;
}

std::map<std::string, std::string> defaults_of(const Settings& settings) {
  const Limits& limits = settings.limits;
  return {{"assume_up", settings.assume_up ? "true" : "false"},
          {"limits.attempts", fmt::format("{}", limits.attempts)},
          {"limits.gap", quoted(format_duration(limits.gap))},
          {"limits.per_prefix", fmt::format("{}", limits.per_prefix)},
          {"limits.per_target", fmt::format("{}", limits.per_target)},
          {"limits.rate", fmt::format("{}", limits.rate)},
          {"limits.timeout", quoted(format_duration(limits.timeout))},
          {"never", settings.never.format()},
          {"owner", quoted(settings.owner)},
          {"safety", quoted(name_of(settings.safety))},
          {"tags", fmt::format("{}", fmt::join(settings.tags, ", "))}};
}

/// Puts what the strictest entry says in place of what the target's own does, with the entries that say so.
void hold(Setting& setting, const Settings& bound, const Membership& membership) {
  const Settings& own = *membership.entry->settings;
  const auto value_of = [&](const Settings& settings) {
    const auto values = defaults_of(settings);
    const auto found = values.find(setting.key);
    return found == values.end() ? std::string() : found->second;
  };
  const bool adds_up = setting.key == "never";
  if (!adds_up && setting.key != "safety" && setting.key != "limits.gap") return;
  const std::string held = value_of(bound);
  if (held == value_of(own)) return;
  if (setting.origins.empty()) setting.origins.push_back({setting.value, "default", {}});
  setting.value = held;
  std::vector<Origin> stricter;
  for (const Entry* other : membership.also) {
    const std::string said = value_of(*other->settings);
    if (said == value_of(own) || (!adds_up && said != held)) continue;
    stricter.push_back({said, fmt::format("{}, which covers it too", other->text), other->place});
  }
  setting.origins.insert(adds_up ? setting.origins.end() : setting.origins.begin(), stricter.begin(), stricter.end());
}

}  // namespace

Parsed<Membership> find_target(const Inventory& inventory, std::string_view target) {
  std::string_view text = target;
  const Zone* zone = zone_before(target, inventory.zones, text);
  if (auto why = unknown_zone(target, inventory.zones); !why.empty()) return Complaint{std::move(why)};
  auto parsed = parse_target(text);
  if (auto* complaint = std::get_if<Complaint>(&parsed)) return std::move(*complaint);
  const Entry& wanted = std::get<Entry>(parsed);
  Membership membership;
  find_entries(inventory, wanted, membership);
  if (membership.entry == nullptr)
    return Complaint{fmt::format(
        "{} is no target of this inventory{}", visible(target),
        wanted.kind == Entry::Kind::name ? nearest_target(inventory, wanted.name) : std::string(how_to_list))};
  membership.zone = zone_of(inventory, wanted, *membership.entry);
  if (zone != nullptr && membership.zone != zone)
    return Complaint{fmt::format("{} is {}, not in {}", visible(text),
                                 membership.zone == nullptr ? "in no zone" : "in zone " + membership.zone->name,
                                 zone->name)};
  membership.excluded = find_exclude(inventory, wanted);
  if (wanted.kind == Entry::Kind::address && inventory.guards)
    membership.guard = inventory.guards->at(wanted.block.first);
  return membership;
}

std::vector<Setting> explain(const Membership& membership) {
  static const Origins none;
  const Settings& settings = *membership.entry->settings;
  const Origins& origins = settings.origins ? *settings.origins : none;
  std::map<std::string, std::string> values = defaults_of(settings);
  for (const auto& [key, list] : origins)
    if (key != "tags" && key != "never" && !list.empty()) values[key] = list.front().value;
  std::vector<Setting> explained;
  for (auto& [key, value] : values) {
    const auto known = origins.find(key);
    explained.push_back({key, value, known == origins.end() ? std::vector<Origin>() : known->second});
  }
  Settings bound = settings;
  membership.guard.bind(bound);
  for (Setting& setting : explained) hold(setting, bound, membership);
  return explained;
}

}  // namespace audit::inventory

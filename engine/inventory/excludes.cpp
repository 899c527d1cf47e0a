#include "inventory/excludes.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "inventory/notation.hpp"
#include "inventory/zone_index.hpp"
#include "inventory/zones.hpp"

namespace audit::inventory {
namespace {

constexpr std::string_view everything = "*";

/// Takes from an exclude what is not in the zone. Which names are in it only the targets say.
void keep_to(const Zone& zone, const std::vector<Zone>& zones, bool all, Exclude& exclude) {
  const ZoneIndex index(zones);
  const std::vector<AddressBlock> named = all ? zone.networks : std::move(exclude.blocks);
  exclude.blocks.clear();
  exclude.name_glob.clear();
  for (const AddressBlock& block : named)
    for (const ZoneIndex::Part& part : index.parts_of(block))
      if (part.zone == &zone) exclude.blocks.push_back(part.block);
}

Parsed<Exclude> read_one(const std::string& text, const std::vector<Zone>& zones) {
  if (auto why = unknown_zone(text, zones); !why.empty()) return Complaint{std::move(why)};
  std::string_view rest = text;
  const Zone* zone = zone_before(text, zones, rest);
  if (zone == nullptr) return parse_exclude(text);
  auto parsed = rest == everything ? Parsed<Exclude>(Exclude()) : parse_exclude(rest);
  auto* exclude = std::get_if<Exclude>(&parsed);
  if (exclude == nullptr) return parsed;
  if (!exclude->group.empty())
    return Complaint{
        fmt::format("{} is a group, which is excluded in every zone; write \"{}\", or \"{}/*\" for the zone",
                    visible(text, 80), visible(rest, 80), zone->name)};
  keep_to(*zone, zones, rest == everything, *exclude);
  exclude->text = text;
  return parsed;
}

void block_group(Exclude& exclude, const std::vector<Entry>& entries) {
  for (const Entry& entry : entries) {
    if (entry.kind == Entry::Kind::name || !entry.settings) continue;
    const std::vector<std::string>& groups = entry.settings->groups;
    if (std::find(groups.begin(), groups.end(), exclude.group) != groups.end()) exclude.blocks.push_back(entry.block);
  }
}

/// The names that an exclude of a zone means, each by itself.
std::vector<Exclude> names_in(const Zone& zone, std::string_view rest, const Exclude& exclude,
                              const std::vector<Entry>& entries) {
  std::vector<Exclude> found;
  std::string glob(rest);
  if (rest != everything) {
    auto parsed = parse_exclude(rest);
    if (const auto* named = std::get_if<Exclude>(&parsed)) glob = named->name_glob;
  }
  for (const Entry& entry : entries) {
    if (entry.kind != Entry::Kind::name || !entry.settings || entry.settings->zone != zone.name) continue;
    if (glob.empty() || !glob_match(glob, entry.name)) continue;
    Exclude one;
    one.text = fmt::format("{}/{}", zone.name, entry.name);  // as an inventory could have it
    one.name_glob = entry.name;
    one.place = exclude.place;
    found.push_back(std::move(one));
  }
  return found;
}

}  // namespace

void read_excludes(Mistakes& mistakes, const KeyValue& member, Inventory& inventory) {
  for (const Text& item : read_texts(mistakes, member, "\"10.20.9.0/24\"")) {
    auto parsed = read_one(item.text, inventory.zones);
    if (const auto* complaint = std::get_if<Complaint>(&parsed)) {
      mistakes.add(item.at, complaint->text);
      continue;
    }
    inventory.scope.exclude.push_back(std::get<Exclude>(std::move(parsed)));
    inventory.scope.exclude.back().place = mistakes.place(item.at);
  }
}

void check_excluded_groups(const KeyValue* scope, GroupGraph& groups) {
  const NodeTable* table = scope == nullptr ? nullptr : scope->node.get_if<NodeTable>();
  const KeyValue* exclude = table == nullptr ? nullptr : find(*table, "exclude");
  const NodeList* items = exclude == nullptr ? nullptr : exclude->node.get_if<NodeList>();
  if (items == nullptr) return;
  constexpr std::string_view prefix = "group:";
  for (const Node& item : *items) {
    const auto* text = item.get_if<std::string>();
    if (text == nullptr || !text->starts_with(prefix)) continue;
    static_cast<void>(groups.resolve({{text->substr(prefix.size()), item.at}}));
  }
}

void settle_excludes(Inventory& inventory) {
  std::vector<Exclude> names;
  for (Exclude& exclude : inventory.scope.exclude) {
    if (!exclude.group.empty()) block_group(exclude, inventory.entries);
    std::string_view rest;
    const Zone* zone = zone_before(exclude.text, inventory.zones, rest);
    if (zone == nullptr) continue;
    std::vector<Exclude> more = names_in(*zone, rest, exclude, inventory.entries);
    names.insert(names.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  }
  inventory.scope.exclude.insert(inventory.scope.exclude.end(), std::make_move_iterator(names.begin()),
                                 std::make_move_iterator(names.end()));
}

}  // namespace audit::inventory

#include "inventory/expansion.hpp"

#include <algorithm>

namespace audit::inventory {
namespace {

std::uint64_t positions_of(const Entry& entry) { return entry.kind == Entry::Kind::block ? entry.block.size() : 1; }

std::uint64_t total(const Inventory& inventory) {
  std::uint64_t sum = 0;
  for (const Entry& entry : inventory.entries) sum += positions_of(entry);
  return sum;
}

bool is_of(const Entry& entry, const std::string& group) {
  const std::vector<std::string>& groups = entry.settings->groups;
  return std::find(groups.begin(), groups.end(), group) != groups.end();
}

}  // namespace

Expansion::Expansion(const Inventory& inventory, std::uint64_t seed)
    : inventory_(inventory), order_(total(inventory), seed) {
  std::uint64_t start = 0;
  std::vector<AddressBlock> blocks;
  starts_.reserve(inventory.entries.size());
  for (const Entry& entry : inventory.entries) {
    starts_.push_back(start);
    start += positions_of(entry);
    if (entry.kind == Entry::Kind::address) listed_.push_back(entry.block.first);
    if (entry.kind != Entry::Kind::block) continue;
    block_entries_.push_back(&entry);
    blocks.push_back(entry.block);
  }
  std::sort(listed_.begin(), listed_.end());
  blocks_ = BlockIndex(blocks);

  blocks.clear();
  for (const Exclude& exclude : inventory.scope.exclude) {
    if (!exclude.name_glob.empty()) name_globs_.push_back(&exclude);
    if (!exclude.group.empty()) excluded_groups_.push_back(&exclude);
    blocks.insert(blocks.end(), exclude.blocks.begin(), exclude.blocks.end());
    excluded_by_.resize(blocks.size(), &exclude);
  }
  excluded_ = BlockIndex(blocks);
  std::vector<std::string> globs;
  for (const Exclude* exclude : name_globs_) globs.push_back(exclude->name_glob);
  globs_ = GlobIndex(std::move(globs));
  zones_ = ZoneIndex(inventory.zones);
}

Member Expansion::at(std::uint64_t position) const { return at_ordinal(order_(position)); }

Member Expansion::at_ordinal(std::uint64_t ordinal) const {
  const auto after = std::upper_bound(starts_.begin(), starts_.end(), ordinal);
  const auto index = static_cast<std::size_t>(after - starts_.begin()) - 1;
  Member member;
  member.ordinal = ordinal;
  member.entry = &inventory_.entries[index];
  if (member.entry->kind != Entry::Kind::name) member.address = member.entry->block.at(ordinal - starts_[index]);
  member.zone = zone_of(member);
  member.excluded = exclude_of(member);
  return member;
}

const Zone* Expansion::zone_of(const Member& member) const {
  if (member.address) return zones_.find(*member.address);
  for (const Zone& zone : inventory_.zones)
    if (zone.name == member.entry->settings->zone) return &zone;
  return nullptr;
}

const Exclude* Expansion::exclude_of(const Member& member) const {
  if (!member.address) {
    if (const auto glob = globs_.find(member.entry->name)) return name_globs_[*glob];
    for (const Exclude* exclude : excluded_groups_)
      if (is_of(*member.entry, exclude->group)) return exclude;
    return nullptr;
  }
  IpAddress address = *member.address;
  auto found = excluded_.find(address);
  if (!found && address.zone != 0) {  // "::/0" names no zone and means all of them
    address.zone = 0;
    found = excluded_.find(address);
  }
  return found ? excluded_by_[*found] : nullptr;
}

bool Expansion::duplicate(const Member& member) const {
  if (member.entry->kind != Entry::Kind::block) return false;
  if (std::binary_search(listed_.begin(), listed_.end(), *member.address)) return true;
  return block_entries_[*blocks_.find(*member.address)] != member.entry;
}

}  // namespace audit::inventory

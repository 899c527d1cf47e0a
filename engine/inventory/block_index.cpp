#include "inventory/block_index.hpp"

#include <algorithm>
#include <set>
#include <tuple>

namespace audit::inventory {

BlockIndex::BlockIndex(const std::vector<AddressBlock>& blocks) {
  std::vector<Boundary> events;  // a block opens at its first address and closes right after its last
  events.reserve(blocks.size() * 2);
  for (std::uint32_t i = 0; i < blocks.size(); ++i) {
    events.push_back({blocks[i].first, false, i});
    events.push_back({blocks[i].last, true, i});
  }
  std::sort(events.begin(), events.end(), [](const Boundary& a, const Boundary& b) {
    return std::tie(a.address, a.after, a.block) < std::tie(b.address, b.after, b.block);
  });
  std::set<std::uint32_t> open;
  std::vector<bool> told(blocks.size());
  for (const Boundary& event : events) {
    if (event.after) {
      open.erase(event.block);
    } else {
      if (!open.empty()) {
        const auto [earlier, later] = std::minmax({*open.begin(), event.block});
        if (!told[later]) overlaps_.emplace_back(later, earlier);
        told[later] = true;
      }
      open.insert(event.block);
    }
    boundaries_.push_back({event.address, event.after, open.empty() ? nobody : *open.begin()});
  }
  std::sort(overlaps_.begin(), overlaps_.end());
}

std::optional<std::uint32_t> BlockIndex::find(const IpAddress& address) const {
  const auto after = std::upper_bound(
      boundaries_.begin(), boundaries_.end(), address, [](const IpAddress& wanted, const Boundary& boundary) {
        return wanted < boundary.address || (wanted == boundary.address && boundary.after);
      });
  if (after == boundaries_.begin()) return std::nullopt;
  const std::uint32_t block = std::prev(after)->block;
  return block == nobody ? std::nullopt : std::optional(block);
}

}  // namespace audit::inventory

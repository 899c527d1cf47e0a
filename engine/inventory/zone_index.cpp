#include "inventory/zone_index.hpp"

#include <algorithm>
#include <iterator>

namespace audit::inventory {
namespace {

/// The address after this one; nothing after the last of its family.
std::optional<IpAddress> after(IpAddress address) {
  for (std::size_t i = address.width() / 8; i-- > 0;)
    if (++address.bytes[i] != 0) return address;
  return std::nullopt;
}

IpAddress before(IpAddress address) {
  for (std::size_t i = address.width() / 8; i-- > 0;)
    if (address.bytes[i]-- != 0) break;
  return address;
}

}  // namespace

ZoneIndex::ZoneIndex(const std::vector<Zone>& zones) {
  for (const Zone& zone : zones)
    for (const AddressBlock& block : zone.networks) networks_.push_back({block, &zone});
  std::stable_sort(networks_.begin(), networks_.end(),
                   [](const Network& a, const Network& b) { return prefix_length(a.block) > prefix_length(b.block); });
  std::vector<AddressBlock> blocks;
  for (const Network& network : networks_) {
    blocks.push_back(network.block);
    edges_.push_back(network.block.first);
    if (const auto next = after(network.block.last)) edges_.push_back(*next);
  }
  std::sort(edges_.begin(), edges_.end());
  edges_.erase(std::unique(edges_.begin(), edges_.end()), edges_.end());
  index_ = BlockIndex(blocks);
}

const Zone* ZoneIndex::find(const IpAddress& address) const {
  const auto network = index_.find(address);
  return network ? networks_[*network].zone : nullptr;
}

std::vector<ZoneIndex::Part> ZoneIndex::parts_of(const AddressBlock& block) const {
  std::vector<Part> parts{{block, find(block.first)}};
  const auto first = std::upper_bound(edges_.begin(), edges_.end(), block.first);
  for (auto edge = first; edge != edges_.end() && *edge <= block.last; ++edge) {
    if (edge->family != block.first.family) continue;
    const Zone* zone = find(*edge);
    if (zone == parts.back().zone) continue;
    parts.back().block.last = before(*edge);
    parts.push_back({{*edge, block.last}, zone});
  }
  return parts;
}

}  // namespace audit::inventory

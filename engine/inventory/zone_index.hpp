#pragma once

#include <vector>

#include "inventory/block_index.hpp"
#include "inventory/inventory.hpp"

namespace audit::inventory {

/// Which zone an address is in: the one of the most specific network around it. Refers to the zones, which have to
/// outlive it. Immutable once built.
class ZoneIndex {
 public:
  /// Addresses of one zone, or of none (nullptr).
  struct Part {
    AddressBlock block;
    const Zone* zone = nullptr;
  };

  ZoneIndex() = default;
  explicit ZoneIndex(const std::vector<Zone>& zones);

  [[nodiscard]] const Zone* find(const IpAddress& address) const;
  /// The block cut where the zone changes, in the order of the addresses.
  [[nodiscard]] std::vector<Part> parts_of(const AddressBlock& block) const;

 private:
  struct Network {
    AddressBlock block;
    const Zone* zone = nullptr;
  };
  std::vector<Network> networks_;  // the most specific first
  BlockIndex index_;
  std::vector<IpAddress> edges_;  // sorted: a network begins here, or right after one
};

}  // namespace audit::inventory

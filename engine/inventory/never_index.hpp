#pragma once

#include <vector>

#include "inventory/block_index.hpp"
#include "inventory/inventory.hpp"

namespace audit::inventory {

/// Which ports of an address are never touched, whichever entry asks it: those that any entry which lists or covers the
/// address forbids. What names lead to is not known here. Immutable once built.
class NeverIndex {
 public:
  explicit NeverIndex(const Inventory& inventory);

  [[nodiscard]] TransportPorts at(const IpAddress& address) const;

 private:
  struct Part {
    TransportPorts never;
    BlockIndex blocks;
  };
  std::vector<Part> parts_;  // one for each set of ports that goes beyond that of the scope
};

}  // namespace audit::inventory

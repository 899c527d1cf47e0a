#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/permutation.hpp"
#include "inventory/inventory.hpp"

namespace audit::inventory {

/// What one position of the expansion is: an entry, and the address where the entry has one.
struct Member {
  std::uint64_t ordinal = 0;  // the position in the inventory's own order: the target's ordinal in reports
  const Entry* entry = nullptr;
  std::optional<IpAddress> address;  // absent for a name
  const Exclude* excluded = nullptr; // the exclude that takes it out, by address or by name as written
};

/// The entries of an inventory as one lazy sequence: no memory a candidate, any position in constant time (log entries),
/// in a seeded permutation, so that load spreads and a slice by (seed, range) can be run by itself. Thread-safe: const.
class Expansion {
 public:
  Expansion(const Inventory& inventory, std::uint64_t seed);

  [[nodiscard]] std::uint64_t size() const noexcept { return order_.size(); }
  /// The member that comes `position`-th; `position` is below size(). An address that an earlier entry covers too is
  /// given only once: `duplicate` tells for the later one.
  [[nodiscard]] Member at(std::uint64_t position) const;
  [[nodiscard]] Member at_ordinal(std::uint64_t ordinal) const;
  /// Is this address covered by an earlier entry than the member's own? (Merged with a notice at loading where both are
  /// listed; a CIDR never repeats what is listed or covered before it.)
  [[nodiscard]] bool duplicate(const Member& member) const;

 private:
  const Inventory& inventory_;
  std::vector<std::uint64_t> starts_;  // the ordinal at which each entry begins
  Permutation order_;
};

}  // namespace audit::inventory

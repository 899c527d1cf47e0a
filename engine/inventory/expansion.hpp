#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/permutation.hpp"
#include "inventory/block_index.hpp"
#include "inventory/glob_index.hpp"
#include "inventory/inventory.hpp"
#include "inventory/zone_index.hpp"

namespace audit::inventory {

/// What one position of the expansion is: an entry, and the address where the entry has one.
struct Member {
  std::uint64_t ordinal = 0;  // the position in the inventory's own order: the target's ordinal in reports
  const Entry* entry = nullptr;
  std::optional<IpAddress> address;   // absent for a name
  const Zone* zone = nullptr;         // absent where it is in none
  const Exclude* excluded = nullptr;  // the exclude that takes it out, by address, group or name as written
};

/// The entries of an inventory as one lazy sequence: no memory a candidate, any position in constant time (log
/// entries), in a seeded permutation, so that load spreads and a slice by (seed, range) can be run by itself. Refers to
/// the inventory, which has to outlive it. Thread-safe: const.
class Expansion {
 public:
  Expansion(const Inventory& inventory, std::uint64_t seed);

  [[nodiscard]] std::uint64_t size() const noexcept { return order_.size(); }
  /// The member that comes `position`-th; `position` is below size(). An address that an earlier entry covers too is
  /// given only once: `duplicate` tells for the later one.
  [[nodiscard]] Member at(std::uint64_t position) const;
  [[nodiscard]] Member at_ordinal(std::uint64_t ordinal) const;
  /// Is this candidate listed by itself (anywhere in the inventory), or covered by an earlier block? Then it is left to
  /// that entry. A listed address or name never is: loading has merged those that are written twice.
  [[nodiscard]] bool duplicate(const Member& member) const;

 private:
  [[nodiscard]] const Exclude* exclude_of(const Member& member) const;
  [[nodiscard]] const Zone* zone_of(const Member& member) const;

  const Inventory& inventory_;
  std::vector<std::uint64_t> starts_;        // the ordinal at which each entry begins
  std::vector<IpAddress> listed_;            // sorted
  std::vector<const Entry*> block_entries_;  // in the order of the inventory
  BlockIndex blocks_;                        // into block_entries_
  std::vector<const Exclude*> excluded_by_;  // one for each block of an exclude
  BlockIndex excluded_;                      // into excluded_by_
  std::vector<const Exclude*> name_globs_;
  GlobIndex globs_;  // of the same
  std::vector<const Exclude*> excluded_groups_;
  ZoneIndex zones_;
  Permutation order_;
};

}  // namespace audit::inventory

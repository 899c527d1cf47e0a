#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/block.hpp"

namespace audit::inventory {

/// Which block of a list covers an address: the earliest of the list, in time logarithmic in their number, however they
/// overlap. Holds no address by itself. Immutable once built.
class BlockIndex {
 public:
  BlockIndex() = default;
  explicit BlockIndex(const std::vector<AddressBlock>& blocks);

  /// The position of the first block in the list that covers the address.
  [[nodiscard]] std::optional<std::uint32_t> find(const IpAddress& address) const;
  /// Blocks that overlap an earlier one of the list, each once: (later, one earlier).
  [[nodiscard]] const std::vector<std::pair<std::uint32_t, std::uint32_t>>& overlaps() const noexcept {
    return overlaps_;
  }

 private:
  static constexpr std::uint32_t nobody = ~std::uint32_t{0};

  /// From `address` on (or from right after it) `block` is the earliest that covers, up to the next boundary.
  struct Boundary {
    IpAddress address;
    bool after = false;
    std::uint32_t block = nobody;
  };

  std::vector<Boundary> boundaries_;  // sorted
  std::vector<std::pair<std::uint32_t, std::uint32_t>> overlaps_;
};

}  // namespace audit::inventory

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/address.hpp"

namespace audit {

/// A run of consecutive addresses of one family, both ends included: a CIDR prefix, a range, or one address.
struct AddressBlock {
  IpAddress first;
  IpAddress last;

  bool operator==(const AddressBlock&) const = default;

  [[nodiscard]] bool contains(const IpAddress& address) const noexcept;
  /// How many addresses; saturates at 2^64 - 1.
  [[nodiscard]] std::uint64_t size() const noexcept;
  /// The address `offset` steps after `first`; `offset` must be below size().
  [[nodiscard]] IpAddress at(std::uint64_t offset) const noexcept;
  /// How many steps after `first` the address lies, which the block must contain; at most 2^64 - 1.
  [[nodiscard]] std::uint64_t offset_of(const IpAddress& address) const noexcept;
};

/// "10.0.0.0/8", "2001:db8::/120". Host bits that are set are an error, so that a slip of the pen is seen.
[[nodiscard]] std::optional<AddressBlock> parse_prefix(std::string_view text);
/// The block of the prefix of `length` bits around `address`; `length` is at most address.width().
[[nodiscard]] AddressBlock prefix_around(const IpAddress& address, unsigned length) noexcept;
/// The prefix length where the block is exactly one prefix.
[[nodiscard]] std::optional<unsigned> prefix_length(const AddressBlock& block) noexcept;
/// "10.0.0.1", "10.0.0.0/8" or "10.0.0.1-10.0.3.255", whichever is the shortest that is exact.
[[nodiscard]] std::string format_block(const AddressBlock& block);

}  // namespace audit

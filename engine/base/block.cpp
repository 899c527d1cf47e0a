#include "base/block.hpp"

#include <charconv>
#include <limits>

namespace audit {
namespace {

__extension__ using Wide = unsigned __int128;

Wide number_of(const IpAddress& address) noexcept {
  Wide number = 0;
  const std::size_t length = address.width() / 8;
  for (std::size_t i = 0; i < length; ++i) number = (number << 8U) | address.bytes[i];
  return number;
}

IpAddress address_of(Wide number, const IpAddress& like) noexcept {
  IpAddress address = like;
  for (std::size_t i = like.width() / 8; i-- > 0;) {
    address.bytes[i] = static_cast<std::uint8_t>(number & 0xffU);
    number >>= 8U;
  }
  return address;
}

Wide host_mask(unsigned width, unsigned length) noexcept {
  const unsigned host_bits = width - length;
  if (host_bits >= 128) return ~Wide{0};
  return (Wide{1} << host_bits) - 1;
}

}  // namespace

bool AddressBlock::contains(const IpAddress& address) const noexcept {
  if (address.family != first.family || address.zone != first.zone) return false;
  const Wide number = number_of(address);
  return number >= number_of(first) && number <= number_of(last);
}

std::uint64_t AddressBlock::size() const noexcept {
  const Wide span = number_of(last) - number_of(first);
  constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  return span >= most ? most : static_cast<std::uint64_t>(span) + 1;
}

IpAddress AddressBlock::at(std::uint64_t offset) const noexcept { return address_of(number_of(first) + offset, first); }

std::uint64_t AddressBlock::offset_of(const IpAddress& address) const noexcept {
  return static_cast<std::uint64_t>(number_of(address) - number_of(first));
}

std::optional<AddressBlock> parse_prefix(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto address = parse_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  const std::string_view digits = text.substr(slash + 1);
  unsigned length = 0;
  const auto [rest, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  if (failure != std::errc{} || rest != digits.data() + digits.size() || length > address->width()) return std::nullopt;
  const AddressBlock block = prefix_around(*address, length);
  if (block.first != *address) return std::nullopt;
  return block;
}

AddressBlock prefix_around(const IpAddress& address, unsigned length) noexcept {
  const Wide mask = host_mask(address.width(), length);
  const Wide number = number_of(address);
  return {address_of(number & ~mask, address), address_of(number | mask, address)};
}

std::optional<unsigned> prefix_length(const AddressBlock& block) noexcept {
  for (unsigned length = 0; length <= block.first.width(); ++length)
    if (prefix_around(block.first, length) == block) return length;
  return std::nullopt;
}

std::string format_block(const AddressBlock& block) {
  if (block.first == block.last) return format_address(block.first);
  if (const auto length = prefix_length(block)) return format_address(block.first) + "/" + std::to_string(*length);
  return format_address(block.first) + "-" + format_address(block.last);
}

}  // namespace audit

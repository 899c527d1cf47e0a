#include "inventory/addresses.hpp"

#include <fmt/format.h>
#include <net/if.h>

#include <algorithm>
#include <bit>
#include <charconv>

#include "base/text.hpp"

namespace audit::inventory {
namespace {

constexpr std::string_view digits = "0123456789";
constexpr std::size_t longest_address = 64;

bool all_of(std::string_view text, std::string_view set) {
  return !text.empty() && text.find_first_not_of(set) == std::string_view::npos;
}

std::string_view last_label(std::string_view text) {
  if (text.ends_with('.')) text.remove_suffix(1);
  return text.substr(text.rfind('.') + 1);
}

std::optional<unsigned> parse_number(std::string_view text) {
  unsigned number = 0;
  const auto [rest, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || rest != text.data() + text.size()) return std::nullopt;
  return number;
}

/// 24 for "255.255.255.0".
std::optional<unsigned> length_of_netmask(std::string_view text) {
  const auto mask = parse_address(text);
  if (!mask || mask->family != Family::v4) return std::nullopt;
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < 4; ++i) bits = (bits << 8U) | mask->bytes[i];
  const auto length = static_cast<unsigned>(std::countl_one(bits));
  return std::popcount(bits) == static_cast<int>(length) ? std::optional(length) : std::nullopt;
}

Complaint complain(std::string text) { return {std::move(text)}; }

/// The block in the form that traffic takes; the ends of one block must both be mapped, or neither.
Parsed<Addresses> canonical_block(Addresses::Form form, const AddressBlock& block, std::string_view text) {
  const AddressBlock plain{canonical(block.first), canonical(block.last)};
  if (plain.first.family != plain.last.family)
    return complain(
        fmt::format("{} runs from IPv4 addresses written as IPv6 into others; write the two apart", visible(text)));
  const IpAddress& first = plain.first;
  if (first.family == Family::v6 && first.zone == 0 && kind_of(first) == AddressKind::link_local &&
      kind_of(plain.last) == AddressKind::link_local) {
    const std::size_t end = std::min(text.find('/'), text.size());
    return complain(
        fmt::format("{} is link-local and means nothing without its interface; write {}%eth0{}, with the "
                    "interface's name",
                    visible(text), visible(text.substr(0, end)), visible(text.substr(end))));
  }
  return Addresses{form, plain};
}

Parsed<Addresses> parse_cidr(std::string_view text, std::size_t slash) {
  const std::string_view before = text.substr(0, slash);
  const std::string_view after = text.substr(slash + 1);
  const auto address = parse_zoned(before);
  if (!address) return complain(why_no_address(text.find("://") == std::string_view::npos ? before : text));
  const auto length = all_of(after, digits) ? parse_number(after) : std::nullopt;
  if (!length) {
    if (const auto mask = length_of_netmask(after))
      return complain(
          fmt::format("{} has a netmask; write the prefix length: {}/{}", visible(text), visible(before), *mask));
    return complain(fmt::format("{} has no prefix length after its slash; write a number from 0 to {}", visible(text),
                                address->width()));
  }
  if (*length > address->width())
    return complain(fmt::format("{} has a prefix length of {}; {} goes up to {}", visible(text), *length,
                                address->family == Family::v4 ? "IPv4" : "IPv6", address->width()));
  const AddressBlock block = prefix_around(*address, *length);
  if (block.first != *address)
    return complain(fmt::format("{} has host bits set; write {}/{} for the network or {} for the host", visible(text),
                                format_address(block.first), *length, format_address(*address)));
  return canonical_block(Addresses::Form::prefix, block, text);
}

/// The far end of "10.0.0.1-20".
std::optional<IpAddress> with_last_octet(const IpAddress& from, std::string_view text) {
  const auto octet = all_of(text, digits) ? parse_number(text) : std::nullopt;
  if (from.family != Family::v4 || !octet || *octet > 255) return std::nullopt;
  IpAddress address = from;
  address.bytes[3] = static_cast<std::uint8_t>(*octet);
  return address;
}

Parsed<Addresses> parse_range(std::string_view text, const IpAddress& from, std::string_view after) {
  const IpAddress first = canonical(from);
  auto last = with_last_octet(first, after);
  if (!last) last = parse_zoned(after);
  if (!last)
    return complain(fmt::format("{}: a range ends with an address, such as {}-{}", visible(text), format_address(first),
                                format_address(prefix_around(first, first.width() - 8).last)));
  *last = canonical(*last);
  if (first.family != last->family || first.zone != last->zone)
    return complain(
        fmt::format("{} has ends of two kinds; write a range of IPv4 or of IPv6 addresses, both of one "
                    "interface where they have any",
                    visible(text)));
  if (*last < first)
    return complain(
        fmt::format("{} runs backwards; write {}-{}", visible(text), format_address(*last), format_address(first)));
  return canonical_block(Addresses::Form::range, {first, *last}, text);
}

}  // namespace

bool meant_as_addresses(std::string_view text) {
  if (text.find_first_of(":/%[") != std::string_view::npos) return true;
  if (all_of(text, "0123456789.-") && text.find_first_of(digits) != std::string_view::npos) return true;
  const std::size_t dash = text.find('-');
  if (dash != std::string_view::npos && parse_address(text.substr(0, dash))) return true;
  const std::string_view last = last_label(text);
  return all_of(last, digits) ||
         (last.starts_with("0x") && (last.size() == 2 || all_of(last.substr(2), "0123456789abcdefABCDEF")));
}

std::optional<IpAddress> parse_zoned(std::string_view text) {
  const std::size_t percent = text.find('%');
  if (percent == std::string_view::npos || all_of(text.substr(percent + 1), digits)) return parse_address(text);
  const std::string interface(text.substr(percent + 1));
  const unsigned index = interface.size() < IF_NAMESIZE ? ::if_nametoindex(interface.c_str()) : 0;
  if (index == 0) return std::nullopt;
  return parse_address(fmt::format("{}%{}", text.substr(0, percent), index));
}

Parsed<Addresses> parse_addresses(std::string_view text) {
  if (const std::size_t slash = text.find('/'); slash != std::string_view::npos) return parse_cidr(text, slash);
  if (const auto address = parse_zoned(text))
    return canonical_block(Addresses::Form::address, {*address, *address}, text);
  for (std::size_t dash = text.find('-'); dash != std::string_view::npos; dash = text.find('-', dash + 1)) {
    if (dash > longest_address) break;
    if (const auto first = parse_zoned(text.substr(0, dash))) return parse_range(text, *first, text.substr(dash + 1));
  }
  return complain(why_no_address(text));
}

}  // namespace audit::inventory

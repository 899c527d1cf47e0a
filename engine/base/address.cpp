#include "base/address.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace audit {
namespace {

constexpr std::size_t longest_text = 64;

bool starts_with(const IpAddress& address, std::initializer_list<std::uint8_t> prefix) {
  return std::equal(prefix.begin(), prefix.end(), address.bytes.begin());
}

IpAddress v4_from_tail(const IpAddress& address) {
  IpAddress v4;
  std::copy(address.bytes.begin() + 12, address.bytes.end(), v4.bytes.begin());
  return v4;
}

bool uses_zone(const IpAddress& address) {
  const AddressKind kind = kind_of(address);
  return address.family == Family::v6 && (kind == AddressKind::link_local || kind == AddressKind::multicast);
}

/// Written for every endpoint that is named anywhere, and inet_ntop goes through sprintf.
std::string format_v4(const IpAddress& address) {
  std::array<char, INET_ADDRSTRLEN> text{};
  char* at = text.data();
  for (std::size_t i = 0; i < 4; ++i) {
    if (i > 0) *at++ = '.';
    at = std::to_chars(at, text.data() + text.size(), address.bytes[i]).ptr;
  }
  return {text.data(), at};
}

}  // namespace

std::optional<IpAddress> parse_address(std::string_view text) {
  if (text.empty() || text.size() > longest_text) return std::nullopt;
  IpAddress address;
  std::string digits(text);
  if (inet_pton(AF_INET, digits.c_str(), address.bytes.data()) == 1) return address;
  if (const std::size_t percent = digits.find('%'); percent != std::string::npos) {
    const char* first = digits.data() + percent + 1;
    const char* last = digits.data() + digits.size();
    const auto [rest, failure] = std::from_chars(first, last, address.zone);
    if (failure != std::errc{} || rest != last || address.zone == 0) return std::nullopt;
    digits.resize(percent);
  }
  address.family = Family::v6;
  if (inet_pton(AF_INET6, digits.c_str(), address.bytes.data()) != 1) return std::nullopt;
  return address;
}

std::string format_address(const IpAddress& address) {
  const auto& b = address.bytes;
  if (address.family == Family::v4) return format_v4(address);
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(AF_INET6, b.data(), text.data(), text.size());
  if (address.zone == 0) return text.data();
  return fmt::format("{}%{}", text.data(), address.zone);
}

std::string format_bracketed(const IpAddress& address) {
  if (address.family == Family::v4) return format_address(address);
  return fmt::format("[{}]", format_address(address));
}

IpAddress canonical(const IpAddress& address) {
  if (address.family == Family::v4) return address;
  if (starts_with(address, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff})) return v4_from_tail(address);
  if (starts_with(address, {0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0})) return v4_from_tail(address);
  IpAddress plain = address;
  if (!uses_zone(address)) plain.zone = 0;
  return plain;
}

AddressKind kind_of(const IpAddress& address) noexcept {
  const auto& b = address.bytes;
  if (std::all_of(b.begin(), b.end(), [](std::uint8_t byte) { return byte == 0; })) return AddressKind::unspecified;
  if (address.family == Family::v4) {
    if (b[0] == 0) return AddressKind::unspecified;
    if (b[0] == 127) return AddressKind::loopback;
    if (b[0] == 169 && b[1] == 254) return AddressKind::link_local;
    if ((b[0] & 0xf0) == 224) return AddressKind::multicast;
    if (b[0] == 255 && b[1] == 255 && b[2] == 255 && b[3] == 255) return AddressKind::broadcast;
    return AddressKind::ordinary;
  }
  if (std::all_of(b.begin(), b.end() - 1, [](std::uint8_t byte) { return byte == 0; }) && b[15] == 1)
    return AddressKind::loopback;
  if (b[0] == 0xfe && (b[1] & 0xc0) == 0x80) return AddressKind::link_local;
  if (b[0] == 0xff) return AddressKind::multicast;
  return AddressKind::ordinary;
}

std::string_view name_of(AddressKind kind) noexcept {
  constexpr std::array<std::string_view, 6> names{"ordinary",   "unspecified", "loopback",
                                                  "link-local", "multicast",   "broadcast"};
  return names[static_cast<std::size_t>(kind)];
}

std::string reverse_name(const IpAddress& address) {
  std::string name;
  if (address.family == Family::v4) {
    for (int i = 3; i >= 0; --i) name += fmt::format("{}.", address.bytes[static_cast<std::size_t>(i)]);
    return name + "in-addr.arpa.";
  }
  for (int i = 15; i >= 0; --i) {
    const unsigned byte = address.bytes[static_cast<std::size_t>(i)];
    name += fmt::format("{:x}.{:x}.", byte & 15U, byte >> 4U);
  }
  return name + "ip6.arpa.";
}

}  // namespace audit

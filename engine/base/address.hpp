#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace audit {

enum class Family : std::uint8_t { v4, v6 };

/// An IPv4 or IPv6 address; IPv4 lives in the first four bytes. `zone` is an interface index, 0 where there is none.
struct IpAddress {
  Family family = Family::v4;
  std::uint32_t zone = 0;
  std::array<std::uint8_t, 16> bytes{};

  auto operator<=>(const IpAddress&) const = default;

  [[nodiscard]] unsigned width() const noexcept { return family == Family::v4 ? 32 : 128; }
};

/// What an address is good for; `ordinary` counts wherever a name leads to it, the rest only where the inventory
/// writes it (law 3).
enum class AddressKind : std::uint8_t { ordinary, unspecified, loopback, link_local, multicast, broadcast };

/// Numeric text only: "10.0.0.1", "2001:db8::1", "fe80::1%3". No names, no octal, no shorthand IPv4.
[[nodiscard]] std::optional<IpAddress> parse_address(std::string_view text);
[[nodiscard]] std::string format_address(const IpAddress& address);
/// As an endpoint writes it: brackets around IPv6.
[[nodiscard]] std::string format_bracketed(const IpAddress& address);
/// The address that traffic really reaches: IPv4-mapped (RFC 4291 2.5.5.2) and NAT64 64:ff9b::/96 (RFC 6052) become
/// IPv4, a zone on an address that has no use for one is dropped.
[[nodiscard]] IpAddress canonical(const IpAddress& address);
[[nodiscard]] AddressKind kind_of(const IpAddress& address) noexcept;
[[nodiscard]] std::string_view name_of(AddressKind kind) noexcept;
/// The name that a reverse lookup asks for: "1.2.0.10.in-addr.arpa." or "….ip6.arpa." (RFC 1035 3.5, RFC 3596 2.5).
[[nodiscard]] std::string reverse_name(const IpAddress& address);

}  // namespace audit

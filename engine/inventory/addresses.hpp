#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/block.hpp"
#include "inventory/parsed.hpp"

namespace audit::inventory {

/// Addresses as one writes them: "10.0.0.1", "10.0.0.0/24", "10.0.0.1-10.0.3.255", "10.0.0.1-20", IPv6 alike, zones by
/// interface name or index ("fe80::1%eth0", "fe80::%eth0/120"). Canonical: mapped and NAT64 forms are IPv4.
struct Addresses {
  enum class Form : std::uint8_t { address, prefix, range };
  Form form = Form::address;
  AddressBlock block;  // all of it, network and broadcast too
};

/// Is this text meant as addresses, right or wrong, rather than as a name? True for "10.0.0.300", false for "lab-1".
[[nodiscard]] bool meant_as_addresses(std::string_view text);
[[nodiscard]] Parsed<Addresses> parse_addresses(std::string_view text);

/// As parse_address of base, with interface names in zones (looked up on this machine); not canonical.
[[nodiscard]] std::optional<IpAddress> parse_zoned(std::string_view text);
/// Why `text` is no address, as far as one can tell: "10.0.0.300: 300 is above 255, …".
[[nodiscard]] std::string why_no_address(std::string_view text);

}  // namespace audit::inventory

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "inventory/inventory.hpp"
#include "inventory/parsed.hpp"

namespace audit::inventory {

/// The most addresses that one target may cover: an IPv4 /8, an IPv6 /104.
inline constexpr std::uint64_t largest_block = std::uint64_t{1} << 24U;

/// A host name of RFC 1123 2.1, underscores tolerated: in lower case, without its final dot.
[[nodiscard]] Parsed<std::string> parse_host_name(std::string_view text);
/// What a target names: text, kind, name and block of the entry are set, `more` for an octet range, `port` for a URL. Network and broadcast address of an IPv4 CIDR
/// shorter than /31 are left out; those of a range are not: it was written out.
[[nodiscard]] Parsed<Entry> parse_target(std::string_view text);
/// An item of [scope] exclude: addresses of any number, a glob over names, or "group:NAME"; all but the place is set.
[[nodiscard]] Parsed<Exclude> parse_exclude(std::string_view text);
/// "192.0.2.53", "127.0.0.1:5353", "[2001:db8::53]:53", in its canonical writing.
[[nodiscard]] Parsed<std::string> parse_resolver(std::string_view text);

}  // namespace audit::inventory

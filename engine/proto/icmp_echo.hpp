#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/address.hpp"

namespace audit::proto {

/// An echo request or reply of ICMP (RFC 792) or ICMPv6 (RFC 4443 4.1, 4.2). `payload` points into what was read.
struct EchoMessage {
  bool reply = false;
  std::uint16_t id = 0;
  std::uint16_t sequence = 0;
  std::string_view payload;
};

/// Who looks at the checksum: we do, or the kernel has (ICMPv6, whose sum covers the addresses too), or nobody can (the
/// beginning of a message, as an ICMP error quotes it).
enum class Checksum : std::uint8_t { tested, trusted };

/// An echo request. The checksum of ICMPv6 is left at zero: the kernel fills it in (RFC 3542 3.1).
[[nodiscard]] std::string write_echo_request(Family family, std::uint16_t id, std::uint16_t sequence,
                                             std::string_view payload);
/// Nothing where the message is no echo, is cut short, or its tested checksum is wrong.
[[nodiscard]] std::optional<EchoMessage> read_echo(Family family, std::string_view bytes, Checksum checksum);
/// What an IPv4 packet carries (RFC 791 3.1); nothing where it is cut short or carries no ICMP, or only a fragment of it.
[[nodiscard]] std::optional<std::string_view> strip_ipv4_header(std::string_view packet);
/// RFC 1071: 0 over a message that holds its own right checksum.
[[nodiscard]] std::uint16_t internet_checksum(std::string_view bytes) noexcept;

}  // namespace audit::proto

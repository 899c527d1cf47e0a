#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/address.hpp"

namespace audit::proto {

/// What an ICMP error says of the packet that caused it.
enum class IcmpMeaning : std::uint8_t {
  port,        // nobody listens at that port
  host,        // no way to the host or network
  prohibited,  // somebody forbids it: a firewall, a policy, an unknown protocol
  too_big,     // to be sent in smaller pieces: no answer about the peer
  other,       // a loop, a malformed header, …
};

/// Of type and code: RFC 792, RFC 1122 3.2.2.1, RFC 1812 5.2.7.1; ICMPv6: RFC 4443 3.
[[nodiscard]] IcmpMeaning meaning_of_icmp(Family family, std::uint8_t type, std::uint8_t code) noexcept;
/// "port unreachable", "communication administratively prohibited"; "type 3 code 99" where it has no name.
[[nodiscard]] std::string describe_icmp(Family family, std::uint8_t type, std::uint8_t code);

}  // namespace audit::proto

#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace audit::proto {

/// A name-list (RFC 4251 5) as it came. A list of no bytes has no names. At most 512 names are kept.
struct SshNameList {
  std::vector<std::string> names;
  std::uint32_t empty = 0;     // names of no bytes, not kept
  std::uint32_t foreign = 0;   // names kept that hold other than printable US-ASCII
  std::uint32_t overlong = 0;  // names kept of more than 64 bytes (RFC 4251 6)
  std::uint32_t left_out = 0;  // names past the cap

  [[nodiscard]] bool holds(std::string_view name) const;
};

/// The first message of a key exchange: what one side can do, the dearest first (RFC 4253 7.1).
struct SshKexInit {
  std::array<std::uint8_t, 16> cookie{};
  SshNameList kex;
  SshNameList host_keys;
  SshNameList ciphers_to_server;
  SshNameList ciphers_to_client;
  SshNameList macs_to_server;
  SshNameList macs_to_client;
  SshNameList compression_to_server;
  SshNameList compression_to_client;
  SshNameList languages_to_server;
  SshNameList languages_to_client;
  bool first_kex_packet_follows = false;
};

/// Errors: protocol_error (another message, a list that does not fit, bytes left over).
[[nodiscard]] Result<SshKexInit> parse_ssh_kexinit(std::string_view payload);
[[nodiscard]] std::string encode_ssh_kexinit(const SshKexInit& message);

}  // namespace audit::proto

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace audit::proto {

/// A share of key agreement in TLS 1.3. The bytes of one for x25519 may be any 32, if nobody wants to finish.
struct KeyShare {
  std::uint16_t group = 0;
  std::string key;
};

/// A ClientHello as its caller wants it, sensible or not (RFC 8446 4.1.2, RFC 5246 7.4.1.2, RFC 6101 5.6.1.2). An
/// extension is sent where its field is set; none is sent where `extensions` is false, as SSLv3 wants it.
struct ClientHello {
  std::uint16_t record_version = 0x0301;
  std::uint16_t version = 0x0303;  // legacy_version; TLS 1.3 says 0x0303 here
  std::string random;              // 32 bytes, the caller's
  std::string session_id;          // up to 32 bytes
  std::vector<std::uint16_t> ciphers;
  std::vector<std::uint8_t> compressions{0};
  bool extensions = true;
  std::string server_name;  // a host name; "" leaves the extension out, an address must not stand here (RFC 6066 3)
  std::vector<std::string> alpn;
  std::vector<std::uint16_t> groups;
  std::vector<std::uint16_t> signature_algorithms;
  std::vector<std::uint16_t> supported_versions;
  std::optional<std::vector<KeyShare>> key_shares;  // an empty list asks for a HelloRetryRequest, which names the group
  bool renegotiation_info = false;
  bool extended_master_secret = false;
};

/// The hello in one record. Errors: rule_error, where a list is too long for the format, or the random is not 32 bytes.
[[nodiscard]] Result<std::string> encode_client_hello(const ClientHello& hello);

/// Every signature scheme of any age, the newer first.
[[nodiscard]] const std::vector<std::uint16_t>& all_signature_algorithms();

}  // namespace audit::proto

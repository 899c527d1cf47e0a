#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace audit::proto {

// Numbers of IANA's registries "TLS Parameters" and their names. A number nobody has named is written "0x1234".

struct NamedCode {
  std::uint16_t code;
  std::string_view name;
};

namespace tls {
inline constexpr std::uint16_t ssl3 = 0x0300;
inline constexpr std::uint16_t v1_0 = 0x0301;
inline constexpr std::uint16_t v1_1 = 0x0302;
inline constexpr std::uint16_t v1_2 = 0x0303;
inline constexpr std::uint16_t v1_3 = 0x0304;
}  // namespace tls

inline constexpr std::uint16_t renegotiation_scsv = 0x00ff;  // RFC 5746 3.3
inline constexpr std::uint16_t fallback_scsv = 0x5600;       // RFC 7507

[[nodiscard]] std::string numbered(std::uint16_t code);

/// Every suite that a server might take, and the two signalling values, by number.
[[nodiscard]] std::span<const NamedCode> cipher_suites() noexcept;
[[nodiscard]] std::string cipher_name(std::uint16_t code);
[[nodiscard]] bool is_signalling(std::uint16_t code) noexcept;
[[nodiscard]] bool is_tls13_cipher(std::uint16_t code) noexcept;

/// What a ServerKeyExchange of a suite before TLS 1.3 holds; `hint` says that a PSK identity hint stands before it.
struct KeyExchange {
  enum class Kind : std::uint8_t { ecdhe, dhe, other };
  Kind kind;
  bool hint;
};
[[nodiscard]] KeyExchange key_exchange_of(std::uint16_t code);

/// "SSLv3", "TLSv1", "TLSv1.1" … "TLSv1.3": as OpenSSL names them.
[[nodiscard]] std::string version_name(std::uint16_t version);
/// "secp256r1", "x25519", "ffdhe2048", "X25519MLKEM768".
[[nodiscard]] std::string group_name(std::uint16_t group);
/// The groups and curves with a name, by number.
[[nodiscard]] std::span<const NamedCode> named_groups() noexcept;
/// Made for TLS 1.3 alone: hybrids, and the brainpool curves' second numbers.
[[nodiscard]] bool is_tls13_group(std::uint16_t group) noexcept;
/// Finite fields of RFC 7919.
[[nodiscard]] bool is_finite_field(std::uint16_t group) noexcept;
/// "handshake_failure"; of an unknown one its number.
[[nodiscard]] std::string alert_name(std::uint8_t description);

}  // namespace audit::proto

#include "proto/tls_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace audit::proto {
namespace {

constexpr std::array<NamedCode, 5> versions{{
    {tls::ssl3, "SSLv3"},
    {tls::v1_0, "TLSv1"},
    {tls::v1_1, "TLSv1.1"},
    {tls::v1_2, "TLSv1.2"},
    {tls::v1_3, "TLSv1.3"},
}};

constexpr std::array<NamedCode, 54> groups{{
    {1, "sect163k1"},
    {2, "sect163r1"},
    {3, "sect163r2"},
    {4, "sect193r1"},
    {5, "sect193r2"},
    {6, "sect233k1"},
    {7, "sect233r1"},
    {8, "sect239k1"},
    {9, "sect283k1"},
    {10, "sect283r1"},
    {11, "sect409k1"},
    {12, "sect409r1"},
    {13, "sect571k1"},
    {14, "sect571r1"},
    {15, "secp160k1"},
    {16, "secp160r1"},
    {17, "secp160r2"},
    {18, "secp192k1"},
    {19, "secp192r1"},
    {20, "secp224k1"},
    {21, "secp224r1"},
    {22, "secp256k1"},
    {23, "secp256r1"},
    {24, "secp384r1"},
    {25, "secp521r1"},
    {26, "brainpoolP256r1"},
    {27, "brainpoolP384r1"},
    {28, "brainpoolP512r1"},
    {29, "x25519"},
    {30, "x448"},
    {31, "brainpoolP256r1tls13"},
    {32, "brainpoolP384r1tls13"},
    {33, "brainpoolP512r1tls13"},
    {34, "GC256A"},
    {35, "GC256B"},
    {36, "GC256C"},
    {37, "GC256D"},
    {38, "GC512A"},
    {39, "GC512B"},
    {40, "GC512C"},
    {41, "curveSM2"},
    {0x0100, "ffdhe2048"},
    {0x0101, "ffdhe3072"},
    {0x0102, "ffdhe4096"},
    {0x0103, "ffdhe6144"},
    {0x0104, "ffdhe8192"},
    {0x0200, "MLKEM512"},
    {0x0201, "MLKEM768"},
    {0x0202, "MLKEM1024"},
    {0x11eb, "SecP256r1MLKEM768"},
    {0x11ec, "X25519MLKEM768"},
    {0x11ed, "SecP384r1MLKEM1024"},
    {0x6399, "X25519Kyber768Draft00"},
    {0x639a, "SecP256r1Kyber768Draft00"},
}};

constexpr std::array<NamedCode, 36> alerts{{
    {0, "close_notify"},
    {10, "unexpected_message"},
    {20, "bad_record_mac"},
    {21, "decryption_failed"},
    {22, "record_overflow"},
    {30, "decompression_failure"},
    {40, "handshake_failure"},
    {41, "no_certificate"},
    {42, "bad_certificate"},
    {43, "unsupported_certificate"},
    {44, "certificate_revoked"},
    {45, "certificate_expired"},
    {46, "certificate_unknown"},
    {47, "illegal_parameter"},
    {48, "unknown_ca"},
    {49, "access_denied"},
    {50, "decode_error"},
    {51, "decrypt_error"},
    {52, "too_many_cids_requested"},
    {60, "export_restriction"},
    {70, "protocol_version"},
    {71, "insufficient_security"},
    {80, "internal_error"},
    {86, "inappropriate_fallback"},
    {90, "user_canceled"},
    {100, "no_renegotiation"},
    {109, "missing_extension"},
    {110, "unsupported_extension"},
    {111, "certificate_unobtainable"},
    {112, "unrecognized_name"},
    {113, "bad_certificate_status_response"},
    {114, "bad_certificate_hash_value"},
    {115, "unknown_psk_identity"},
    {116, "certificate_required"},
    {120, "no_application_protocol"},
    {121, "ech_required"},
}};

template <std::size_t N>
std::string_view named(const std::array<NamedCode, N>& table, std::uint16_t code) {
  for (const NamedCode& row : table)
    if (row.code == code) return row.name;
  return {};
}

}  // namespace

std::string numbered(std::uint16_t code) { return fmt::format("0x{:04x}", code); }

std::string version_name(std::uint16_t version) {
  const std::string_view name = named(versions, version);
  return name.empty() ? numbered(version) : std::string(name);
}

std::string group_name(std::uint16_t group) {
  const std::string_view name = named(groups, group);
  return name.empty() ? numbered(group) : std::string(name);
}

std::span<const NamedCode> named_groups() noexcept { return groups; }

bool is_tls13_group(std::uint16_t group) noexcept {
  constexpr std::uint16_t first_of_brainpool = 31;
  constexpr std::uint16_t last_of_brainpool = 33;
  constexpr std::uint16_t first_of_kems = 0x0200;
  return (group >= first_of_brainpool && group <= last_of_brainpool) || group >= first_of_kems;
}

bool is_finite_field(std::uint16_t group) noexcept { return group >= 0x0100 && group <= 0x01ff; }

std::string alert_name(std::uint8_t description) {
  const std::string_view name = named(alerts, description);
  return name.empty() ? fmt::format("alert {}", description) : std::string(name);
}

}  // namespace audit::proto

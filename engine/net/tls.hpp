#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"

namespace audit::net {

/// By the number on the wire (RFC 8446 4.2.1); `any` sets no bound.
enum class TlsVersion : std::uint16_t { any = 0, tls1_0 = 0x0301, tls1_1 = 0x0302, tls1_2 = 0x0303, tls1_3 = 0x0304 };

/// Against what a chain is verified: nothing, this machine's trust store, or the certificates of a PEM text.
struct TlsTrust {
  enum class Kind : std::uint8_t { none, system, pem };
  Kind kind = Kind::none;
  std::string pem;

  TlsTrust() = default;
  explicit TlsTrust(Kind kind_in) : kind(kind_in) {}
  explicit TlsTrust(std::string pem_in) : kind(Kind::pem), pem(std::move(pem_in)) {}
};

/// How to begin TLS on a stream.
struct TlsSettings {
  std::string server_name;  // asked for by SNI (an address is not, RFC 6066 3) and matched; "": the remote address
  std::vector<std::string> alpn;  // in the order of preference, 1 to 255 bytes each; empty offers none
  TlsTrust trust;
  TlsVersion least = TlsVersion::any;
  TlsVersion most = TlsVersion::any;

  TlsSettings() = default;
  TlsSettings(std::string server_name_in, TlsTrust trust_in)
      : server_name(std::move(server_name_in)), trust(std::move(trust_in)) {}
};

/// What a handshake came to. Whether the certificate is any good is part of it, never a reason to have none.
struct TlsSession {
  /// Why the handshake could not be ended though the server showed its chain: one of it cannot be read. "" where it ended;
  /// else there is no connection, and only what came up to then is here.
  std::string unfinished;
  std::string version;      // "TLSv1.3"
  std::string cipher;       // OpenSSL's name: "ECDHE-RSA-AES128-GCM-SHA256"
  std::string cipher_iana;  // "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
  std::string group;        // "x25519", "secp256r1", "ffdhe2048", "dh"; "" where the key was sent under RSA
  std::uint32_t group_bits = 0;
  std::string signature;           // what the server signed the exchange with: "RSA-PSS SHA256"; "" where nothing
  std::string alpn;                // the protocol it chose, "" for none
  std::string staple;              // the OCSP response in DER, "" for none
  std::vector<std::string> chain;  // DER, byte for byte and in the order sent

  bool checked = false;       // the chain was verified: there was a trust to verify it against
  bool verified = false;      // and leads there
  std::string verify_reason;  // why not, in OpenSSL's words; "; " between several
  std::string name;           // what the leaf was compared with
  bool name_matches = false;  // by its subjectAltName; a common name does not count (RFC 9525 2)

  std::optional<bool> secure_renegotiation;    // RFC 5746; nothing in TLS 1.3, which has no renegotiation
  std::optional<bool> extended_master_secret;  // RFC 7627; nothing in TLS 1.3
  bool compression = false;
  bool asks_certificate = false;  // of the client
  Duration handshake_time{};
};

}  // namespace audit::net

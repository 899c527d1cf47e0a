#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace audit::proto {

/// One name of subjectAltName (RFC 5280 4.2.1.6).
struct AltName {
  std::string type;  // dns ip email uri dirname rid other
  std::string
      text;  // as `visible` writes it: a NUL is \x00; an ip of 4 or 16 bytes as text, else hex; other as oid:hex
};

/// What an X.509 certificate says (RFC 5280). Names and texts are a stranger's, made safe: controls, NUL and what is
/// not UTF-8 are escaped, never dropped, and no name is cut short.
struct Certificate {
  std::int64_t version = 0;  // 1 to 3, as it stands otherwise
  std::string subject;       // RFC 4514, the last RDN first; \XX for what cannot be printed
  std::string issuer;
  std::vector<std::string> common_names;  // of the subject, in its order, as `visible` writes them
  std::vector<AltName> alt_names;
  std::string serial;  // lower-case hex of its bytes, "-" before a negative one

  std::optional<std::int64_t> not_before;  // seconds since 1970 in UTC; nothing where the time is malformed
  std::optional<std::int64_t> not_after;
  std::string not_before_text;  // "2026-11-20T22:04:05Z"; the bytes that stand there where they are no time
  std::string not_after_text;

  std::string key_type;       // rsa rsa-pss ecdsa ed25519 ed448 dsa dh x25519 x448 sm2, else OpenSSL's name or the OID
  std::int64_t key_bits = 0;  // 0 where the key cannot be read
  std::string curve;          // secp256r1 brainpoolP256r1 …; "explicit" where spelt out (RFC 5480 2.1.1), "" for none
  std::string key_sha256;     // of the SubjectPublicKeyInfo: what a pin holds
  std::string signature;      // sha256WithRSAEncryption ecdsa-with-SHA384 ED25519 …, else the OID
  std::string signature_hash;      // sha256 …, also that of rsassaPss; "" where the scheme has none or it is unknown
  std::string fingerprint_sha256;  // of the whole certificate, lower-case hex
  std::string fingerprint_sha1;

  bool is_ca = false;                       // basicConstraints says so
  std::optional<std::int64_t> path_length;  // pathLenConstraint
  std::vector<std::string> key_usage;  // digitalSignature nonRepudiation … (RFC 5280 4.2.1.3); empty: not restricted
  std::vector<std::string> extended_key_usage;  // serverAuth clientAuth …, else the OID
  std::vector<std::string> ocsp_urls;
  std::vector<std::string> issuer_urls;  // caIssuers
  std::vector<std::string> crl_urls;
  bool must_staple = false;  // TLS feature status_request (RFC 7633)
  bool self_issued = false;  // subject and issuer are one name
  bool self_signed = false;  // and its own key verifies its signature

  std::vector<std::string> faults;  // what could not be read, or stands there twice: "subjectAltName: malformed"
};

inline constexpr std::size_t certificate_bytes_max = 65'536;

/// Reads one DER certificate. What is wrong inside it is a fault of the certificate, not an error of reading it.
/// Errors: truncated (over 64 KiB, not looked at), protocol_error (no certificate, or one with a name that is not UTF-8
/// as it claims, which OpenSSL refuses whole).
[[nodiscard]] Result<Certificate> parse_certificate(std::string_view der);

}  // namespace audit::proto

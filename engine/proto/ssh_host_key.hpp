#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace audit::proto {

/// What an OpenSSH certificate says of the key in it (PROTOCOL.certkeys of OpenSSH).
struct SshCertificate {
  std::uint64_t serial = 0;
  std::uint32_t kind = 0;  // 1 of a user, 2 of a host
  std::string key_id;
  std::vector<std::string> principals;  // the first 64; none: valid for any
  std::uint32_t principals_left_out = 0;
  std::uint64_t valid_after = 0;   // s since 1970
  std::uint64_t valid_before = 0;  // s since 1970; all ones: for ever
  std::string ca_key;              // the blob of the authority's key
  std::string ca_type;
  std::uint32_t ca_bits = 0;
  std::string ca_signature;  // the blob, over the certificate up to it
};

/// A public key, taken from its blob (RFC 4253 6.6, RFC 5656 3.1, RFC 8709 4).
struct SshHostKey {
  std::string type;        // "ssh-rsa", "ssh-ed25519-cert-v01@openssh.com"
  std::string plain;       // the blob of the key itself: of a certificate, the key inside
  std::string plain_type;  // its type
  std::uint32_t bits = 0;  // of RSA's modulus, DSA's prime, the curve
  std::optional<SshCertificate> certificate;
};

/// Errors: protocol_error (a type that is not known, a field that does not fit, bytes left over).
[[nodiscard]] Result<SshHostKey> parse_ssh_host_key(std::string_view blob);
/// "SHA256:" and unpadded base64, as OpenSSH prints it. `plain` is a key's blob, not a certificate's.
[[nodiscard]] std::string ssh_sha256_fingerprint(std::string_view plain);
/// "MD5:" and pairs of hexadecimal digits between colons.
[[nodiscard]] std::string ssh_md5_fingerprint(std::string_view plain);

/// One way to prove a host key: a name of server_host_key_algorithms, the type of blob it comes with, and what the
/// signature is called.
struct SshHostKeyAlgorithm {
  std::string_view name;
  std::string_view key_type;
  std::string_view signature;
};

/// Nothing where the name is not known.
[[nodiscard]] const SshHostKeyAlgorithm* find_ssh_host_key_algorithm(std::string_view name) noexcept;

}  // namespace audit::proto

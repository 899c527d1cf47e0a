#include "proto/ssh_host_key.hpp"

#include <array>

#include <fmt/format.h>

#include "base/text.hpp"
#include "proto/ssh_wire.hpp"

namespace audit::proto {
namespace {

constexpr std::size_t most_principals = 64;
constexpr std::size_t name_shown = 64;
constexpr std::string_view certificate_suffix = "-cert-v01@openssh.com";

Error broken(std::string_view type) {
  return {Reason::protocol_error, fmt::format("the {} key does not hold the fields of its type", type)};
}

/// The bits of a curve key, whose curve must be that of its type.
std::uint32_t read_curve(SshCursor& cursor, std::string_view curve, std::uint32_t bits) {
  const std::string_view named = cursor.string();
  const std::string_view point = cursor.string();
  return named == curve && !point.empty() ? bits : 0;
}

/// Reads the fields of a plain key and gives its bits, 0 where they are not those of the type.
std::uint32_t read_fields(SshCursor& cursor, std::string_view type) {
  constexpr std::uint32_t ed25519_size = 32;
  constexpr std::uint32_t ed448_size = 57;
  if (type == "ssh-rsa") {
    static_cast<void>(cursor.magnitude());  // the exponent comes first
    return magnitude_bits(cursor.magnitude());
  }
  if (type == "ssh-dss") {
    const std::uint32_t bits = magnitude_bits(cursor.magnitude());
    for (int i = 0; i < 3; ++i) static_cast<void>(cursor.magnitude());
    return bits;
  }
  if (type == "ecdsa-sha2-nistp256") return read_curve(cursor, "nistp256", 256);
  if (type == "ecdsa-sha2-nistp384") return read_curve(cursor, "nistp384", 384);
  if (type == "ecdsa-sha2-nistp521") return read_curve(cursor, "nistp521", 521);
  if (type == "ssh-ed25519") return cursor.string().size() == ed25519_size ? 256 : 0;
  if (type == "ssh-ed448") return cursor.string().size() == ed448_size ? 448 : 0;
  return 0;
}

bool is_plain_type(std::string_view type) {
  constexpr std::array types{
      "ssh-rsa",     "ssh-dss",  "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
      "ssh-ed25519", "ssh-ed448"};
  for (const std::string_view known : types)
    if (known == type) return true;
  return false;
}

Result<SshHostKey> parse_plain(std::string_view blob) {
  SshCursor cursor(blob);
  const std::string_view type = cursor.string();
  if (!is_plain_type(type))
    return Error(Reason::protocol_error, fmt::format("a host key of unknown type `{}`", visible(type, name_shown)));
  SshHostKey key;
  key.type = key.plain_type = type;
  key.plain = blob;
  key.bits = read_fields(cursor, type);
  if (!cursor.ended() || key.bits == 0) return broken(type);
  return key;
}

/// Everything behind the key's own fields. Errors: protocol_error.
Result<SshCertificate> read_certificate(SshCursor& cursor, std::string_view type) {
  SshCertificate certificate;
  certificate.serial = cursor.number64();
  certificate.kind = cursor.number();
  certificate.key_id = cursor.string();
  SshCursor principals(cursor.string());
  while (principals.good() && !principals.ended()) {
    const std::string_view principal = principals.string();
    if (!principals.good()) return broken(type);
    if (certificate.principals.size() < most_principals)
      certificate.principals.emplace_back(principal);
    else
      ++certificate.principals_left_out;
  }
  certificate.valid_after = cursor.number64();
  certificate.valid_before = cursor.number64();
  for (int i = 0; i < 3; ++i) static_cast<void>(cursor.string());  // critical options, extensions, reserved
  certificate.ca_key = cursor.string();
  certificate.ca_signature = cursor.string();
  if (!cursor.ended()) return broken(type);
  const Result<SshHostKey> authority = parse_plain(certificate.ca_key);
  if (!authority) return Error(Reason::protocol_error, "the certificate's authority: " + authority.error().message);
  certificate.ca_type = authority->type;
  certificate.ca_bits = authority->bits;
  return certificate;
}

constexpr std::array algorithms{
    SshHostKeyAlgorithm{"ssh-ed25519", "ssh-ed25519", "ssh-ed25519"},
    SshHostKeyAlgorithm{"ssh-ed448", "ssh-ed448", "ssh-ed448"},
    SshHostKeyAlgorithm{"ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256"},
    SshHostKeyAlgorithm{"ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384"},
    SshHostKeyAlgorithm{"ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521"},
    SshHostKeyAlgorithm{"rsa-sha2-512", "ssh-rsa", "rsa-sha2-512"},
    SshHostKeyAlgorithm{"rsa-sha2-256", "ssh-rsa", "rsa-sha2-256"},
    SshHostKeyAlgorithm{"ssh-rsa", "ssh-rsa", "ssh-rsa"},
    SshHostKeyAlgorithm{"ssh-dss", "ssh-dss", "ssh-dss"},
    SshHostKeyAlgorithm{"ssh-ed25519-cert-v01@openssh.com", "ssh-ed25519-cert-v01@openssh.com", "ssh-ed25519"},
    SshHostKeyAlgorithm{"ecdsa-sha2-nistp256-cert-v01@openssh.com", "ecdsa-sha2-nistp256-cert-v01@openssh.com",
                        "ecdsa-sha2-nistp256"},
    SshHostKeyAlgorithm{"ecdsa-sha2-nistp384-cert-v01@openssh.com", "ecdsa-sha2-nistp384-cert-v01@openssh.com",
                        "ecdsa-sha2-nistp384"},
    SshHostKeyAlgorithm{"ecdsa-sha2-nistp521-cert-v01@openssh.com", "ecdsa-sha2-nistp521-cert-v01@openssh.com",
                        "ecdsa-sha2-nistp521"},
    SshHostKeyAlgorithm{"rsa-sha2-512-cert-v01@openssh.com", "ssh-rsa-cert-v01@openssh.com", "rsa-sha2-512"},
    SshHostKeyAlgorithm{"rsa-sha2-256-cert-v01@openssh.com", "ssh-rsa-cert-v01@openssh.com", "rsa-sha2-256"},
    SshHostKeyAlgorithm{"ssh-rsa-cert-v01@openssh.com", "ssh-rsa-cert-v01@openssh.com", "ssh-rsa"},
    SshHostKeyAlgorithm{"ssh-dss-cert-v01@openssh.com", "ssh-dss-cert-v01@openssh.com", "ssh-dss"},
};

}  // namespace

Result<SshHostKey> parse_ssh_host_key(std::string_view blob) {
  SshCursor cursor(blob);
  const std::string_view type = cursor.string();
  if (!cursor.good()) return Error(Reason::protocol_error, "the host key's type does not fit in the key");
  if (!type.ends_with(certificate_suffix)) return parse_plain(blob);
  const std::string_view plain_type = type.substr(0, type.size() - certificate_suffix.size());
  if (!is_plain_type(plain_type))
    return Error(Reason::protocol_error, fmt::format("a host key of unknown type `{}`", visible(type, name_shown)));
  static_cast<void>(cursor.string());  // a nonce
  const std::string_view fields = cursor.rest();
  SshHostKey key;
  key.type = type;
  key.plain_type = plain_type;
  key.bits = read_fields(cursor, plain_type);
  if (!cursor.good() || key.bits == 0) return broken(type);
  put_ssh_string(key.plain, plain_type);
  key.plain += fields.substr(0, fields.size() - cursor.rest().size());
  Result<SshCertificate> certificate = read_certificate(cursor, type);
  if (!certificate) return certificate.error();
  key.certificate = std::move(*certificate);
  return key;
}

const SshHostKeyAlgorithm* find_ssh_host_key_algorithm(std::string_view name) noexcept {
  for (const SshHostKeyAlgorithm& algorithm : algorithms)
    if (algorithm.name == name) return &algorithm;
  return nullptr;
}

}  // namespace audit::proto

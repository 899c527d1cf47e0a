#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace audit::seal {

// The key of RFC 8032 7.1, test 1, which is nobody's.

[[nodiscard]] std::string test_seed();
[[nodiscard]] std::string test_public();
/// "ssh-ed25519" and the public key, as SSH writes them.
[[nodiscard]] std::string test_blob();

/// What an openssh-key-v1 is made of; each test spoils a member.
struct OpensshKey {
  std::string magic = std::string("openssh-key-v1") + '\0';
  std::string cipher = "none";
  std::uint32_t count = 1;
  std::string outer = test_blob();
  std::uint32_t first = 7;
  std::uint32_t second = 7;
  std::string type = "ssh-ed25519";
  std::string known = test_public();
  std::string secret = test_seed() + test_public();
  std::string comment = "of a test";
  std::string padding = "\1\2\3";
  std::string behind = "";
  [[nodiscard]] std::string bytes() const;
  [[nodiscard]] std::string text() const;
};

/// PKCS #8 (RFC 8410 7) and SubjectPublicKeyInfo (RFC 8410 4) in PEM.
[[nodiscard]] std::string pem_private();
[[nodiscard]] std::string pem_public();
/// "ssh-ed25519 AAAA… of a test"
[[nodiscard]] std::string public_line();

}  // namespace audit::seal

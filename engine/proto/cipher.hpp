#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace audit::proto {

enum class CipherMode : std::uint8_t { ecb, cbc, ctr, cfb, gcm };

/// A block cipher in one of its modes: AES (FIPS 197, SP 800-38A and D), and DES in CBC (FIPS 46-3), which SNMPv3 may speak
/// (RFC 3414).
struct Cipher {
  std::string_view name;  // "aes-128-cbc", "des-cbc"
  const char* method;     // OpenSSL's name
  std::size_t key_size;   // bytes
  std::size_t iv_size;    // of gcm the usual one
  std::size_t block_size;
  CipherMode mode;

  /// Are its messages whole blocks, and padded to be so?
  [[nodiscard]] bool in_blocks() const noexcept { return mode == CipherMode::ecb || mode == CipherMode::cbc; }
};

/// "aes-(128|192|256)-(ecb|cbc|ctr|cfb128|gcm)" or "des-cbc"; null where it is none.
[[nodiscard]] const Cipher* find_cipher(std::string_view name) noexcept;

inline constexpr std::size_t longest_iv = 64;  // of gcm; 1 at least
inline constexpr std::size_t tag_size = 16;    // of gcm
using CipherTag = std::array<char, tag_size>;

/// What is given besides the message. `key` and `iv` have the cipher's sizes.
struct CipherInput {
  std::string_view key;
  std::string_view iv;
  std::string_view aad;  // gcm only
  bool padding = true;   // PKCS #7 (RFC 5652 section 6.3), of ecb and cbc
};

enum class CipherOutcome : std::uint8_t {
  done,
  does_not_fit,  // decrypting: the padding or the tag is wrong
  refused,       // OpenSSL does not do it here
};

/// `out` holds a block more than `bytes`; `size` says how much was written. Where padding is off, `bytes` is whole blocks.
[[nodiscard]] CipherOutcome encrypt(const Cipher& cipher, const CipherInput& input, std::string_view bytes, char* out,
                                    std::size_t& size, CipherTag& tag) noexcept;
[[nodiscard]] CipherOutcome decrypt(const Cipher& cipher, const CipherInput& input, std::string_view bytes,
                                    const CipherTag& tag, char* out, std::size_t& size) noexcept;

}  // namespace audit::proto

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace audit::proto {

/// The hashes that protocols use, broken ones too: they are here to speak to a peer, not to protect anything.
enum class Hash : std::uint8_t { md5, sha1, sha224, sha256, sha384, sha512, sha3_256, sha3_512, blake2b512 };

inline constexpr std::size_t longest_hash = 64;
using HashBytes = std::array<unsigned char, longest_hash>;

/// "md5 sha1 sha224 sha256 sha384 sha512 sha3-256 sha3-512 blake2b512", for a message.
[[nodiscard]] std::string_view hash_names() noexcept;
[[nodiscard]] std::optional<Hash> find_hash(std::string_view name) noexcept;

/// RFC 1321, FIPS 180-4, FIPS 202, RFC 7693. How many bytes; 0 where this machine's OpenSSL refuses (FIPS mode and MD5).
[[nodiscard]] std::size_t hash(Hash kind, std::string_view bytes, HashBytes& out) noexcept;
/// RFC 2104. As `hash`.
[[nodiscard]] std::size_t hmac(Hash kind, std::string_view key, std::string_view bytes, HashBytes& out) noexcept;

/// In a time that depends on the lengths only.
[[nodiscard]] bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept;

}  // namespace audit::proto

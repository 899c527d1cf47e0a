#pragma once

#include <openssl/types.h>

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace audit::seal {

inline constexpr std::string_view ed25519_type = "ssh-ed25519";
inline constexpr std::size_t ed25519_size = 32;  // bytes of a public key, and of the seed that is a private one

/// The blob of a public Ed25519 key (RFC 8709 4): of a line "ssh-ed25519 AAAA… comment", alone or in a file, or of PEM
/// (RFC 8410). Error protocol_error, in words that follow the key's name.
[[nodiscard]] Result<std::string> read_public_key(std::string_view text);

/// "" where the key is of another kind.
[[nodiscard]] std::string blob_of(const EVP_PKEY* key);

}  // namespace audit::seal

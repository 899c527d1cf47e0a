#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "seal/signing_key.hpp"

namespace audit::seal {

/// What a signature is for, so that none made for anything else is taken: the namespace of an SSHSIG.
inline constexpr std::string_view signature_namespace = "audit-bundle";

/// A signature in the format of `ssh-keygen -Y sign` (PROTOCOL.sshsig of OpenSSH), armored, over the SHA-512 of the bytes.
[[nodiscard]] std::string sign_bytes(const SigningKey& key, std::string_view bytes);
/// The blob of the key that signed the bytes. Error protocol_error: the text is no such signature, or not of these bytes.
[[nodiscard]] Result<std::string> signer_of(std::string_view signature, std::string_view bytes);

}  // namespace audit::seal

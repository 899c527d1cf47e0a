#pragma once

#include <string_view>

#include "base/result.hpp"
#include "proto/ssh_host_key.hpp"

namespace audit::proto {

/// Is `signature` (a blob: its algorithm, then the signature) one of `signed_bytes` by the key whose blob `plain` is?
/// `algorithm` is what it must be: ssh-rsa, rsa-sha2-256, rsa-sha2-512, ssh-dss, ecdsa-sha2-nistp256, -384, -521,
/// ssh-ed25519, ssh-ed448. Errors: protocol_error, with why not; keys too large to be worth the work are refused.
[[nodiscard]] Result<void> verify_ssh_signature(std::string_view plain, std::string_view algorithm,
                                                std::string_view signature, std::string_view signed_bytes);
/// Did the authority that a certificate names sign it? `blob` is the whole certificate. Errors: protocol_error.
[[nodiscard]] Result<void> verify_ssh_certificate(std::string_view blob, const SshCertificate& certificate);

}  // namespace audit::proto

#pragma once

#include <openssl/types.h>

#include <string>
#include <string_view>
#include <vector>

namespace audit::net {

/// The certificates of a Certificate message with its four bytes of header (RFC 5246 7.4.2, RFC 8446 4.4.2), as far as
/// they are whole.
[[nodiscard]] std::vector<std::string> certificates_of_message(std::string_view message, bool tls1_3);
/// Could these first bytes be a TLS record (RFC 8446 5.1), as far as they reach?
[[nodiscard]] bool looks_like_tls(std::string_view bytes) noexcept;
/// The name of IANA's TLS Supported Groups registry; "dh" for a group of the server's own making.
[[nodiscard]] std::string group_name(const EVP_PKEY* key);
/// "RSA-PSS", "RSA", "ECDSA", "Ed25519", as `openssl s_client` says.
[[nodiscard]] std::string signature_name(int nid);

}  // namespace audit::net

#pragma once

#include "base/value.hpp"
#include "net/tls.hpp"

namespace audit::probe {

/// What a conversation notes of a handshake: version, cipher, group, alpn, verified, reason, name_matches, certificate
/// (the leaf's SHA-256).
[[nodiscard]] Value::Object tls_summary(const net::TlsSession& session);

}  // namespace audit::probe

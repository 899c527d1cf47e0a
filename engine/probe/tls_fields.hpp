#pragma once

#include "base/time.hpp"
#include "base/value.hpp"
#include "net/tls.hpp"

namespace audit::probe {

/// What a conversation notes of a handshake: version, cipher, group, alpn, verified, reason, name_matches, certificate
/// (the leaf's SHA-256).
[[nodiscard]] Value::Object tls_summary(const net::TlsSession& session);

/// All of it, by the names of the word `tls` (scripts/README.md). Of a chain the first 32 certificates are read, all are
/// counted in `sent`.
[[nodiscard]] Value::Object tls_fields(const net::TlsSession& session, WallTime now);

/// What came of a handshake that is `unfinished`, for evidence: version, cipher, name, chain, sent.
[[nodiscard]] Value::Object unfinished_tls_fields(const net::TlsSession& session, WallTime now);

/// The same without the DER, which evidence would cut; but of a certificate that cannot be read it is all there is.
[[nodiscard]] Value::Object without_der(const Value::Object& fields);

}  // namespace audit::probe

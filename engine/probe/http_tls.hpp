#pragma once

#include "probe/conversation.hpp"

namespace audit::probe {

/// Begins TLS on a connection that HTTP is spoken over. Whatever the certificate is, the handshake goes on; the fields say
/// what it was: version, cipher, verified, verify_reason, name_matches. Errors: tls_error timeout reset eof stopped.
[[nodiscard]] awaitable<Result<Value::Object>> start_http_tls(Conversation& conversation, std::string server_name,
                                                              Duration timeout);

}  // namespace audit::probe

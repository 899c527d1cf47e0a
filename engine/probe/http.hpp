#pragma once

#include "probe/words.hpp"

namespace audit::probe {

/// HTTP/1.1: one request, and the redirects that it was asked to follow, as far as they stay on the target.
/// Options: those of HttpOptions. Fields: url (of the answer), status, reason, version, headers (lower-case names; several of
/// one name are joined by ", ", set-cookie is a list), title, body, body_truncated, encoding, redirects, reused, tls.
/// Errors: refused reset eof timeout protocol_error tls_error unreachable out_of_scope missing_credential local_fault.
[[nodiscard]] awaitable<Answer> ask_http(Context& context, Question question);

}  // namespace audit::probe

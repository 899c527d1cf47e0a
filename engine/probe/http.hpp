#pragma once

#include "probe/words.hpp"

namespace audit::probe {

/// Options of `http`: path ("/"), method ("GET"), host (the Host header, default the target's name or address), headers
/// (a table of names and values), body (bytes), timeout (s for the whole exchange, default 10), max_body (bytes kept,
/// 0-16777216, default 1048576).
/// One request over plain HTTP/1.1, no redirects. Fields: status, reason, version, headers (lower-case names; several
/// of one name are joined by ", "), title, body, body_truncated, redirects (empty).
/// Errors: refused reset eof timeout protocol_error unreachable out_of_scope local_fault.
[[nodiscard]] awaitable<Answer> ask_http(Context& context, Question question);

}  // namespace audit::probe

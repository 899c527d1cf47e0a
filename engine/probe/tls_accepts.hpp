#pragma once

#include "probe/words.hpp"

namespace audit::probe {

/// Options of `tls_accepts`: timeout (s for each connection and its answer, default 5), server_name (default the
/// target's name), starttls (a protocol's name or "none", default by the port). Asks with ClientHellos alone, one
/// connection each, and completes no handshake. Fields: `tls_accepts_fields`. Errors: tls_error reset eof timeout
/// protocol_error refused unreachable out_of_scope local_fault; what was seen until then stays in the observation, with
/// complete = false.
[[nodiscard]] awaitable<Answer> ask_tls_accepts(Context& context, Question question);

}  // namespace audit::probe

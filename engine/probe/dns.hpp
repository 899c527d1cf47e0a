#pragma once

#include "probe/words.hpp"

namespace audit::probe {

/// Options of `dns`: type ("A" by default, any type's mnemonic or TYPEnnn), timeout (s, default 5).
/// The subject is a name, or an address with type PTR, which asks for its reverse name.
/// Fields: rcode, server, flags, answers, authority, additional (each record: name type ttl data). NXDOMAIN is an answer.
/// Errors: unresolved (no server is known, or none could answer: SERVFAIL, REFUSED), timeout, protocol_error.
[[nodiscard]] awaitable<Answer> ask_dns(Context& context, Question question);

}  // namespace audit::probe

#pragma once

#include "probe/words.hpp"

namespace audit::probe {

/// Options of `dns`: type ("A" by default, any type's mnemonic or TYPEnnn; AXFR), timeout (s, default 5), server (an
/// address, of the target or of a resolver), recursion, dnssec, tcp. The subject is a name, or an address: its reverse name.
/// Fields: see dns_fields.hpp; a record has name type ttl data. NXDOMAIN is an answer, of a named server any code.
/// Errors: unresolved (no server is known, or none could answer: SERVFAIL, REFUSED), timeout, protocol_error.
[[nodiscard]] awaitable<Answer> ask_dns(Context& context, Question question);
/// Do these options have the target asked, or may they: a named server, or a transfer, which is the target's own zone?
[[nodiscard]] bool dns_speaks(const Value::Object& options);

}  // namespace audit::probe

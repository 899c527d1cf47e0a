#pragma once

#include "probe/conversation.hpp"
#include "proto/starttls.hpp"

namespace audit::probe {

/// The protocol that an option `starttls` means: its name, "none" for null, "" for what is usual on the port.
/// Errors: rule_error.
[[nodiscard]] Result<const proto::StarttlsProtocol*> read_starttls(std::string_view word, std::string_view name,
                                                                   std::uint16_t port);

/// Speaks in clear until the server gives the go-ahead for TLS. Errors: those of Starttls, reset and timeout; the
/// message names the endpoint.
[[nodiscard]] awaitable<Result<void>> lead_to_tls(Context& context, Conversation& talk,
                                                  const proto::StarttlsProtocol& protocol, std::string theirs,
                                                  Duration timeout);

}  // namespace audit::probe

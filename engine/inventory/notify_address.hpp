#pragma once

#include <string_view>
#include <vector>

#include "base/notifier.hpp"
#include "inventory/parsed.hpp"

namespace audit::inventory {

/// A scheme that a kind of notifier speaks; port 0: it has none of its own, and has to be written.
struct NotifyScheme {
  std::string_view name;
  std::uint16_t port = 0;
};

/// A URL (RFC 3986) of one of these schemes, of at most 2,048 bytes. Refuses userinfo and a fragment: the first is a
/// secret in plain text (never repeated in the message), the second is never sent. What a complaint shows ends with the
/// host, since the rest may be a secret.
[[nodiscard]] Parsed<NotifyAddress> parse_notify_address(std::string_view text,
                                                         const std::vector<NotifyScheme>& schemes);

/// A mailbox as RFC 5321 4.1.2 has it, without quotes and comments: local-part@domain.
[[nodiscard]] bool is_mailbox(std::string_view text);

}  // namespace audit::inventory

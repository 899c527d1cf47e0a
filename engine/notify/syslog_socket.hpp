#pragma once

#include <string>

#include "base/notifier.hpp"
#include "base/result.hpp"

namespace audit::notify {

/// Sends one message to a syslog receiver: a datagram over UDP or to a local socket (a stream where that is what it is),
/// over TCP with its length before it (RFC 6587 3.4.1). Of UDP only a refusal can be seen, and that not always; TCP is
/// waited for until the receiver closes or `timeout` is over. Errors: unresolved, refused, timeout, reset, local_fault.
[[nodiscard]] Result<void> send_to_syslog(const NotifyAddress& address, const std::string& line, Duration timeout);

}  // namespace audit::notify

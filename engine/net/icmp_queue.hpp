#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ports.hpp"
#include "base/result.hpp"

namespace audit::net {

/// An ICMP error that came in place of an answer: who sent it, and its type and code (RFC 792, RFC 4443).
struct IcmpError {
  IpAddress from;
  std::uint8_t type = 0;
  std::uint8_t code = 0;

  /// "ICMP port unreachable from 10.0.0.1".
  [[nodiscard]] std::string text() const;
};

/// One entry of a socket's error queue (recvmsg(2), MSG_ERRQUEUE).
struct QueuedError {
  int number = 0;                 // errno
  std::optional<IcmpError> icmp;  // nothing where this machine itself refused to send
  std::string_view quoted;        // the payload that it is about, as far as it was quoted; until the next call
};

/// Lets a socket keep the ICMP errors that its packets cause (IP_RECVERR, IPV6_RECVERR): needs no privileges.
void keep_icmp_errors(int descriptor, Family family) noexcept;
/// The oldest error of the queue, which is taken off it; nothing where there is none.
[[nodiscard]] std::optional<QueuedError> take_queued_error(int descriptor);
/// refused where it is a port unreachable that the peer itself sent, else unreachable; the message says who sent what.
[[nodiscard]] Error icmp_refusal(const IcmpError& icmp, const Endpoint& to, const IpAddress& here);
/// Was a connect that ended with ECONNREFUSED ended by an ICMP error, not by the peer's RST? (TCP_INFO: no segment came.)
[[nodiscard]] bool refused_by_icmp(int descriptor) noexcept;

}  // namespace audit::net

#pragma once

#include "probe/words.hpp"

namespace audit::probe {

/// Options of `udp`: send (bytes, which may be sealed), timeout (s, of one attempt, default the target's; up to an eighth more before another
/// follows), attempts (1-10, default the target's), replies (how many to wait for, 1-64, default 1), max_bytes (kept of
/// each reply, 0-65535, default all), other_ports (hear the host's other ports too, default false), farewell (bytes sent
/// once to where the first reply came from, where that may be asked; only with other_ports).
struct UdpOptions {
  std::string send;
  std::shared_ptr<const Sealed> sealed;  // in place of `send`
  Duration timeout;
  std::uint32_t attempts;
  std::size_t replies;
  std::size_t max_bytes;
  bool other_ports = false;
  std::string farewell;

  [[nodiscard]] static Result<UdpOptions> read(Context& context, const Question& question);
  UdpOptions(std::string send_in, Duration timeout_in, std::uint32_t attempts_in, std::size_t replies_in,
             std::size_t max_bytes_in)
      : send(std::move(send_in)), timeout(timeout_in), attempts(attempts_in), replies(replies_in),
        max_bytes(max_bytes_in) {}
};

/// Sends, and sends again, until a reply comes; then listens for the others until that attempt's end. Fields: state (open;
/// closed: the host's own ICMP port unreachable; filtered: an ICMP prohibition, or the port unreachable of somebody else;
/// open|filtered: silence), replies (each with bytes, length, from), icmp and icmp_from (what an ICMP error said, and who),
/// farewell ("sent", or the kind of error in its place).
/// Errors: missing_credential; unreachable (ICMP: no way to a host that showed no life), timeout (the deadline came before every attempt was
/// spent), out_of_scope, local_fault, stopped.
[[nodiscard]] awaitable<Answer> ask_udp(Context& context, Question question);

}  // namespace audit::probe

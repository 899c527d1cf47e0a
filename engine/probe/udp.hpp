#pragma once

#include "probe/words.hpp"

namespace audit::probe {

/// Options of `udp`: send (bytes), timeout (s, of one attempt, default the target's), attempts (1-10, default the
/// target's), replies (how many to wait for, 1-64, default 1).
struct UdpOptions {
  std::string send;
  Duration timeout;
  std::uint32_t attempts;
  std::size_t replies;

  [[nodiscard]] static Result<UdpOptions> read(Context& context, const Value::Object& table);
  UdpOptions(std::string send_in, Duration timeout_in, std::uint32_t attempts_in, std::size_t replies_in)
      : send(std::move(send_in)), timeout(timeout_in), attempts(attempts_in), replies(replies_in) {}
};

/// Sends, and sends again, until replies come. Fields: replies (list of bytes), or state (closed: ICMP port unreachable;
/// open|filtered: silence). Errors: timeout (the deadline came before every attempt was spent),
/// unreachable, out_of_scope, local_fault, stopped.
[[nodiscard]] awaitable<Answer> ask_udp(Context& context, Question question);

}  // namespace audit::probe

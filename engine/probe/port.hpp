#pragma once

#include "probe/words.hpp"

namespace audit::probe {

/// Options of `port`: timeout (seconds, of one attempt, default the target's), attempts (1-10, default the target's).
/// `fresh`: ask again although the sweep has.
struct PortOptions {
  Duration timeout;
  std::uint32_t attempts;
  bool fresh;

  [[nodiscard]] static Result<PortOptions> read(Context& context, const Question& question);
  PortOptions(Duration timeout_in, std::uint32_t attempts_in, bool fresh_in)
      : timeout(timeout_in), attempts(attempts_in), fresh(fresh_in) {}
};

/// One port of one host: what the sweep saw, or a sweep of its own.
[[nodiscard]] awaitable<PortState> port(Context& context, Endpoint endpoint, PortOptions options);

/// The port on every host of the target; the answer is the most open one. Where a host could not be asked it is an
/// answer only if another is open. Fields: state, reason, connect_time (s).
/// Errors: unreachable, local_fault, out_of_scope, timeout (the deadline came before every attempt was spent), stopped.
[[nodiscard]] awaitable<Answer> ask_port(Context& context, Question question);

/// What to say of a port that this machine could not ask about.
[[nodiscard]] Error port_error(const Endpoint& endpoint, const PortState& state);

}  // namespace audit::probe

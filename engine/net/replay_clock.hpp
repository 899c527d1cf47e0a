#pragma once

#include <optional>

#include "net/serial_world.hpp"
#include "net/transcript.hpp"

namespace audit::net {

/// What a recorded step says to who waits for it now.
struct Due {
  enum class What : std::uint8_t {
    outcome,  // the step's, at `when`
    timeout,  // whoever waits does so no longer than `when`, and the step came later
    silence,  // until `when` nothing had come, and the wait goes on
    unknown,  // the record ends at `when`
  };
  What what = What::unknown;
  Instant when{};
};

/// For a wait that began at `base`, or before, if the step is `begun` already and due then. Who waits exactly as long as
/// the recorded one did gets exactly what that got; a silence holds for an eighth longer than somebody listened.
[[nodiscard]] Due due_of(const Step& step, Instant base, std::optional<Instant> begun, Duration patience,
                         Instant deadline);

/// A read that brought nothing.
[[nodiscard]] inline bool is_silent(const Step& step) {
  const bool reads =
      step.kind == Step::Kind::read || step.kind == Step::Kind::receive || step.kind == Step::Kind::echo_receive;
  return reads && step.error && (step.error->reason == Reason::timeout || step.error->reason == Reason::stopped);
}

/// "…: the transcript holds no <what>".
[[nodiscard]] Error not_recorded(const std::string& whom, std::string_view what);

}  // namespace audit::net

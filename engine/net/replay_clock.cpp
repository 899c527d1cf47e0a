#include "net/replay_clock.hpp"

#include <fmt/format.h>

namespace audit::net {
namespace {

constexpr Duration jitter = std::chrono::milliseconds(10);

}  // namespace

Due due_of(const Step& step, Instant base, std::optional<Instant> begun, Duration patience, Instant deadline) {
  const Instant ready = begun.value_or(base + step.took);
  const bool as_recorded = !begun && step.patience == patience;
  Due due;
  due.when = ready;
  const Reason reason = step.error ? step.error->reason : Reason::observed;
  if (reason == Reason::stopped) {
    // It had not ended when the run was stopped, or its asker waited no longer: both come first, where they come.
    due.when = std::min(deadline, ready + Duration(1));
    due.what = deadline <= ready && !as_recorded ? Due::What::timeout : Due::What::unknown;
    return due;
  }
  due.what = Due::What::outcome;
  if (as_recorded) return due;
  if (deadline < ready) {
    due.when = deadline;
    due.what = Due::What::timeout;
  } else if (reason == Reason::timeout) {
    // Attempts last up to an eighth longer at random: that much more silence is no other answer.
    const bool hardly_longer = !begun && deadline != never && patience <= step.patience + step.patience / 8 + jitter;
    due.what = hardly_longer ? Due::What::outcome : Due::What::silence;
    if (hardly_longer) due.when = deadline;
  }
  return due;
}

Error not_recorded(const std::string& whom, std::string_view what) {
  return {Reason::not_recorded, fmt::format("{}: the transcript holds no {}", whom, what)};
}

}  // namespace audit::net

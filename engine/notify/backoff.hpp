#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/notifier.hpp"
#include "notify/delivery.hpp"

namespace audit::notify {

/// The pause after the attempt of this number, from 1: half a second, twice as much each time, at most 30 s, of which
/// `chance` (0 to 1) leaves half to all, so that many that failed together do not come back together.
[[nodiscard]] Duration pause_after(std::uint32_t attempt, double chance);

/// How time passes for `persist`; tests have their own.
struct Patience {
  std::function<Instant()> now;
  std::function<bool(Duration)> wait;  // false where it was cut short, because this process is to end
  std::function<double()> chance;      // 0 to 1
};

/// What came of all attempts of one notifier.
struct Outcome {
  std::string notifier;   // its name
  std::string condition;  // why it was told: "changed, incomplete"; "start", "success", "fail" of a ping; "test"
  std::uint32_t attempts = 0;
  bool ok = false;
  std::string message;  // what went wrong; "" where nothing did
};

/// Attempts until one is delivered or refused, or until attempts or time are spent. `attempt` is given its timeout.
[[nodiscard]] Outcome persist(const NotifySettings& settings, const std::function<Sent(Duration)>& attempt,
                              const Patience& patience);

}  // namespace audit::notify

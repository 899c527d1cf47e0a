#pragma once

#include <string>
#include <string_view>

#include "cli/watch_states.hpp"
#include "cli/watch_trips.hpp"

namespace audit::cli {

/// How far a watch has come: all that a process has to know that goes on where another died.
struct WatchProgress {
  explicit WatchProgress(std::uint32_t confirm) : states(confirm) {}

  Instant start{};           // of round 0, by the clock of this machine since it was switched on
  std::uint64_t number = 0;  // of the next round, as the schedule counts
  std::uint64_t rounds = 0;  // that were run to their end
  std::uint64_t skipped = 0;
  WatchStates states;
  TripsByTarget trips;

  [[nodiscard]] std::string written() const;
  /// What `written` gave; false, and nothing usable here, where it is anything else.
  [[nodiscard]] bool read(std::string_view text);
};

}  // namespace audit::cli

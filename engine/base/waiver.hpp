#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/day.hpp"

namespace audit {

/// By the dates alone, on the day that the run started. `expiring`: in force, and over within `warn_days`.
enum class WaiverState : std::uint8_t { future, active, expiring, expired };

[[nodiscard]] std::string_view name_of(WaiverState state) noexcept;

/// What a report says of one waiver. It never changes a status: it says which results somebody answers for, and until when.
struct WaiverRecord {
  std::string id;
  std::string rule;                  // a glob over rule ids
  std::vector<std::string> targets;  // patterns, as written
  std::string endpoint;              // "tcp/23", "tcp/10.0.0.1:23"; "" for any
  std::string reason;
  std::string approver;
  std::string ticket;
  std::vector<std::string> covers;  // "fail", "unreachable"
  Day starts{};
  Day expires{};  // its last day
  WaiverState state = WaiverState::future;
  std::int64_t days_left = 0;  // after the day of the run's start; negative where it is over
  std::uint64_t named = 0;     // results of its rules on its targets and endpoint, whatever their status
  std::uint64_t matched = 0;   // those among them that `covers` speaks of
  std::uint64_t waived = 0;    // those that carry its id: none where it is not in force, or another one came first

  [[nodiscard]] bool in_force() const noexcept {
    return state == WaiverState::active || state == WaiverState::expiring;
  }
  /// In force, and nothing of this run needed it.
  [[nodiscard]] bool unused() const noexcept { return in_force() && matched == 0; }
};

}  // namespace audit

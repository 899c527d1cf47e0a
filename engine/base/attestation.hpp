#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/day.hpp"
#include "base/status.hpp"

namespace audit {

/// By the dates, on the day that the run started.
enum class AttestationState : std::uint8_t { future, current, expired };

[[nodiscard]] std::string_view name_of(AttestationState state) noexcept;

/// A control that a person answers for, since no probe can: never a check, never part of score or coverage.
struct AttestationRecord {
  std::string control;                   // "NIST-800-53/AC-17"
  Status status = Status::not_reviewed;  // as stated: pass, fail or not_applicable
  std::string by;
  Day date{};         // of the statement
  Day valid_until{};  // its last day
  std::string evidence;
  AttestationState state = AttestationState::expired;

  /// What it counts as: the statement while it is current, else not_reviewed.
  [[nodiscard]] Status effective() const noexcept {
    return state == AttestationState::current ? status : Status::not_reviewed;
  }
};

}  // namespace audit

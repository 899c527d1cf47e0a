#pragma once

#include <cstdint>

#include "base/time.hpp"

namespace audit::cli {

/// When the rounds of a watch begin: number k at start + k × every and up to `jitter` later, drawn from the seed; number 0
/// at once. How long one takes moves no other, so nothing drifts. Pure.
class WatchSchedule {
 public:
  /// 0 <= jitter < every
  WatchSchedule(Instant start, Duration every, Duration jitter, std::uint64_t seed)
      : start_(start), every_(every), jitter_(jitter), seed_(seed) {}

  [[nodiscard]] Instant begin_of(std::uint64_t number) const;
  /// The first after `number` whose time has not passed by `now`; those between are skipped.
  [[nodiscard]] std::uint64_t next(std::uint64_t number, Instant now) const;
  [[nodiscard]] Instant start() const noexcept { return start_; }

 private:
  Instant start_;
  Duration every_;
  Duration jitter_;
  std::uint64_t seed_;
};

}  // namespace audit::cli

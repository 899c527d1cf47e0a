#pragma once

#include <atomic>
#include <cstdint>

#include "base/time.hpp"

namespace audit::net {

/// Probes a second for the whole process: a virtual schedule (GCRA) in one atomic word.
class Rate {
 public:
  /// `per_second` from 1 up; a batch is what one shard leases at a time, two milliseconds' worth.
  explicit Rate(double per_second) noexcept;
  /// Reserves `count` slots and tells when the first may be used.
  [[nodiscard]] Instant reserve(std::uint32_t count, Instant now) noexcept;
  [[nodiscard]] std::uint32_t batch() const noexcept { return batch_; }

 private:
  std::int64_t interval_;
  std::int64_t burst_;
  std::uint32_t batch_;
  std::atomic<std::int64_t> next_{0};
};

/// One shard's share of a Rate, leased a batch at a time.
class RateLease {
 public:
  explicit RateLease(Rate& rate) noexcept : rate_(rate) {}
  /// When the next probe may be sent; `now` or earlier means at once.
  [[nodiscard]] Instant when(Instant now) noexcept;
  /// Uses one slot; call after `when` has come.
  void use() noexcept { --left_; }

 private:
  Rate& rate_;
  std::uint32_t left_ = 0;
  Instant from_{};
};

}  // namespace audit::net

#include "net/rate.hpp"

#include <algorithm>
#include <cmath>

namespace audit::net {
namespace {

constexpr double batch_seconds = 0.002;
constexpr double burst_seconds = 0.010;
constexpr double largest_batch = 1'024;

}  // namespace

Rate::Rate(double per_second) noexcept
    : interval_(std::max<std::int64_t>(1, std::llround(1e9 / per_second))), burst_(std::llround(burst_seconds * 1e9)),
      batch_(static_cast<std::uint32_t>(std::clamp(per_second * batch_seconds, 1.0, largest_batch))) {}

Instant Rate::reserve(std::uint32_t count, Instant now) noexcept {
  const std::int64_t present = now.time_since_epoch().count();
  std::int64_t slot = next_.load(std::memory_order_relaxed);
  std::int64_t first = 0;
  do first = std::max(slot, present - burst_);
  while (!next_.compare_exchange_weak(slot, first + static_cast<std::int64_t>(count) * interval_,
                                      std::memory_order_relaxed));
  return Instant(Duration(first));
}

Instant RateLease::when(Instant now) noexcept {
  if (left_ == 0) {
    left_ = rate_.batch();
    from_ = rate_.reserve(left_, now);
  }
  return from_;
}

}  // namespace audit::net

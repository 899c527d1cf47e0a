#include "cli/watch_schedule.hpp"

#include <algorithm>

namespace audit::cli {
namespace {

/// A number that looks like chance for each pair of seed and round (SplitMix64's finish).
std::uint64_t dice(std::uint64_t seed, std::uint64_t number) {
  std::uint64_t bits = seed + (number + 1) * 0x9e3779b97f4a7c15U;
  bits = (bits ^ (bits >> 30U)) * 0xbf58476d1ce4e5b9U;
  bits = (bits ^ (bits >> 27U)) * 0x94d049bb133111ebU;
  return bits ^ (bits >> 31U);
}

}  // namespace

Instant WatchSchedule::begin_of(std::uint64_t number) const {
  if (number == 0) return start_;
  const std::uint64_t later = dice(seed_, number) % (static_cast<std::uint64_t>(jitter_.count()) + 1);
  return start_ + every_ * static_cast<std::int64_t>(number) + Duration(static_cast<std::int64_t>(later));
}

std::uint64_t WatchSchedule::next(std::uint64_t number, Instant now) const {
  const std::int64_t passed = now > start_ ? (now - start_) / every_ : 0;
  std::uint64_t next = std::max(number + 1, static_cast<std::uint64_t>(passed));
  while (begin_of(next) < now) ++next;
  return next;
}

}  // namespace audit::cli

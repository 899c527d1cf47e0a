#pragma once

#include "net/world.hpp"

namespace audit::net {

/// `base` and up to an eighth more, at random: attempts of many probes do not fall together.
[[nodiscard]] inline Duration jittered(World& world, Duration base) {
  std::uint8_t dice = 0;
  world.random({&dice, 1});
  return base + base / 8 * dice / 255;
}

/// How long an attempt waits: the last one exactly `base`, for nothing comes after it.
[[nodiscard]] inline Duration attempt_time(World& world, Duration base, std::uint32_t attempt, std::uint32_t attempts) {
  return attempt < attempts ? jittered(world, base) : base;
}

}  // namespace audit::net

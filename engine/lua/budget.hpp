#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.hpp"

namespace audit::lua {

/// What one check may use. Past any of it the check ends as error (over_budget), and no other check notices.
struct Budget {
  std::uint64_t steps = 20'000'000;          // Lua instructions, and what C functions count for their loops
  std::size_t memory = 32U << 20U;           // bytes that the check's own blocks hold
  std::uint32_t probes = 4'096;              // questions to the network
  Duration time = std::chrono::seconds(60);  // waiting included
};

inline constexpr std::uint32_t steps_between_looks = 2'000;    // how often the hook looks
inline constexpr std::uint64_t steps_before_others = 100'000;  // then the shard's other work has its turn

}  // namespace audit::lua

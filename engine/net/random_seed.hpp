#pragma once

#include <cstdint>

namespace audit::net {

/// A seed for a run whose user gave none, from the kernel's randomness.
[[nodiscard]] std::uint64_t random_seed();

}  // namespace audit::net

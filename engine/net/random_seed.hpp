#pragma once

#include <cstdint>
#include <string>

namespace audit::net {

/// A seed for a run whose user gave none, from the kernel's randomness.
[[nodiscard]] std::uint64_t random_seed();

/// 32 bytes of it that nobody can guess.
[[nodiscard]] std::string random_key();

}  // namespace audit::net

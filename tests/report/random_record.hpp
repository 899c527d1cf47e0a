#pragma once

#include <cstdint>

#include "base/run_record.hpp"

namespace audit::report {

/// A run of any shape: statuses, severities, several results a check, targets and lists at random. The same seed is the
/// same run.
[[nodiscard]] RunRecord random_record(std::uint32_t seed);

}  // namespace audit::report

#include "cli/time_span.hpp"

#include <fmt/format.h>

#include <cstdint>

namespace audit::cli {

std::string rough_time(double seconds) {
  const auto whole = static_cast<std::uint64_t>(seconds + 0.5);
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3'600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3'600, whole % 3'600 / 60);
}

}  // namespace audit::cli

#pragma once

#include <cstdint>
#include <string>

namespace audit::inventory {

/// Where a value stands in the file; line and column count from 1, columns in characters. Line 0 is the file as a whole.
struct Place {
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

}  // namespace audit::inventory

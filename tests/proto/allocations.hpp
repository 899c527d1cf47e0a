#pragma once

#include <cstddef>

namespace audit::test {

/// Counts what this program and its libraries take from malloc between construction and now. Under a sanitizer, which
/// has its own malloc, nothing is counted: `counts()` says so.
class Allocations {
 public:
  Allocations();
  [[nodiscard]] static bool counts();
  [[nodiscard]] std::size_t blocks() const;      // how many were taken
  [[nodiscard]] std::size_t peak_bytes() const;  // the most that was held at once, beyond what was held before
};

}  // namespace audit::test

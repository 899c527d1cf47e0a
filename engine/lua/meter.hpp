#pragma once

#include <cstdint>
#include <utility>

#include "lua/check.hpp"

namespace audit::lua {

/// What a C function that loops owes to its check, settled in pieces. Each of the two may end the check, and then does
/// not return.
class Meter {
 public:
  explicit Meter(lua_State* L) noexcept : L_(L) {}

  void add(std::uint64_t steps) {
    owed_ += steps;
    if (owed_ >= piece) settle();
  }
  void settle() { spend_steps(L_, std::exchange(owed_, 0)); }

 private:
  static constexpr std::uint64_t piece = 1'024;

  lua_State* L_;
  std::uint64_t owed_ = 0;
};

}  // namespace audit::lua

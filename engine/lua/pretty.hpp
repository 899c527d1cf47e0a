#pragma once

#include <cstddef>
#include <string>

#include "lua/lua.hpp"

namespace audit::lua {

struct Check;

/// How much of a value is shown; what is left out is said.
struct PrettyLimits {
  int depth = 6;
  std::size_t items = 64;      // of one table
  std::size_t text = 1'000;    // bytes of one string
  std::size_t whole = 65'536;  // bytes, about
};

/// A value as a person reads it: keys sorted, bytes escaped (law 7), probes and streams by what they stand for. Runs no
/// Lua: no metamethod is called. `check`: whose probes these are.
[[nodiscard]] std::string pretty(lua_State* L, int index, const Check& check, const PrettyLimits& limits = {});
/// The same, with a string as its bare text, line ends kept.
[[nodiscard]] std::string pretty_text(lua_State* L, int index, const Check& check, const PrettyLimits& limits = {});

}  // namespace audit::lua

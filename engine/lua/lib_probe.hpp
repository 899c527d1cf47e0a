#pragma once

#include "lua/lua.hpp"

namespace audit::lua {

/// Pushes a table of the probing methods: one for each word, and `connect`.
void push_probe_methods(lua_State* L);

}  // namespace audit::lua

#pragma once

#include "base/value.hpp"
#include "lua/lua.hpp"

namespace audit::lua {

/// Replaces the table on top of the stack, and every table in it, by one that scripts can read and not change. What is
/// no table stays. May raise a memory error, so only where Lua protects.
void push_kept(lua_State* L);
/// Pushes the table that a kept one shows, and tells whether the value is one. Raises nothing.
[[nodiscard]] bool push_shown(lua_State* L, int index) noexcept;

}  // namespace audit::lua

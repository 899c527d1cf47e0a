#pragma once

#include <cstddef>
#include <string_view>

#include "lua/lua.hpp"

namespace audit::lua {

// What the bindings of plain functions share. Each may raise, so a caller keeps nothing that needs a destructor.

inline constexpr std::size_t longest_result = 64U << 20U;  // bytes; as string.rep

/// The string at `index`, which a number is not. The message names function, argument and what it is.
[[nodiscard]] std::string_view text_argument(lua_State* L, const char* function, int index, const char* what);
/// The length of the table at 1, which must be its own: a `__len` could name another one each time it is asked. 0 where
/// the argument is no table.
[[nodiscard]] lua_Integer own_length(lua_State* L);
/// Raises a rule's mistake: "bytes.xor: …".
int raise_mistake(lua_State* L, const char* function, const char* format, ...);
/// Raises protocol_error, a probe error: what a peer sent cannot be read. `try` catches it.
int raise_protocol_error(lua_State* L, const char* function, const char* format, ...);
/// Ends the check as local_fault: this machine cannot do what was asked.
int raise_local_fault(lua_State* L, const char* function, const char* what);

/// Puts a table of functions into the environment; it is frozen later, with Lua's own.
void put_library(lua_State* L, int environment, const char* name, const luaL_Reg* functions);

}  // namespace audit::lua

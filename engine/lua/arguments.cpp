#include "lua/arguments.hpp"

#include <cstdarg>
#include <string>

#include "lua/check.hpp"
#include "lua/kept_table.hpp"
#include "lua/sandbox.hpp"

namespace audit::lua {
namespace {

void end_with_local_fault(Check& check, const char* function, const char* what) noexcept {
  try {
    check.ended = Error(Reason::local_fault, std::string(function) + ": " + what);
  } catch (...) {
    check.ended = Error(Reason::local_fault, "");
  }
}

}  // namespace

std::string_view text_argument(lua_State* L, const char* function, int index, const char* what) {
  if (lua_type(L, index) != LUA_TSTRING)
    raise_mistake(L, function, "argument %d (%s) is to be a string, not a %s", index, what, luaL_typename(L, index));
  std::size_t size = 0;
  const char* text = lua_tolstring(L, index, &size);
  return {text, size};
}

lua_Integer own_length(lua_State* L) {
  if (push_shown(L, 1)) {
    const auto length = static_cast<lua_Integer>(lua_rawlen(L, -1));
    lua_pop(L, 1);
    return length;
  }
  if (luaL_getmetafield(L, 1, "__len") != LUA_TNIL) luaL_argerror(L, 1, "a table without `__len` is expected");
  return lua_type(L, 1) == LUA_TTABLE ? static_cast<lua_Integer>(lua_rawlen(L, 1)) : 0;
}

int raise_mistake(lua_State* L, const char* function, const char* format, ...) {
  std::va_list arguments;
  va_start(arguments, format);
  const char* text = lua_pushvfstring(L, format, arguments);
  va_end(arguments);
  return luaL_error(L, "%s: %s", function, text);
}

int raise_protocol_error(lua_State* L, const char* function, const char* format, ...) {
  std::va_list arguments;
  va_start(arguments, format);
  const char* text = lua_pushvfstring(L, format, arguments);
  va_end(arguments);
  push_probe_error(L, "protocol_error", lua_pushfstring(L, "%s: %s", function, text));
  return lua_error(L);
}

int raise_local_fault(lua_State* L, const char* function, const char* what) {
  Check* check = check_of(L);
  if (check == nullptr) return raise_mistake(L, function, "%s", what);
  if (!check->ended && !check->closing) end_with_local_fault(*check, function, what);
  return leave(L);
}

void put_library(lua_State* L, int environment, const char* name, const luaL_Reg* functions) {
  lua_newtable(L);
  for (const luaL_Reg* function = functions; function->name != nullptr; ++function) {
    lua_pushcfunction(L, function->func);
    lua_setfield(L, -2, function->name);
  }
  lua_setfield(L, environment, name);
}

}  // namespace audit::lua

#include <cstring>

#include "lua/check.hpp"
#include "lua/sandbox.hpp"

namespace audit::lua {
namespace {

bool shows_its_address(lua_State* L, int index) {
  switch (lua_type(L, index)) {
    case LUA_TTABLE:
    case LUA_TFUNCTION:
    case LUA_TUSERDATA:
    case LUA_TTHREAD:
    case LUA_TLIGHTUSERDATA: break;
    default: return false;
  }
  if (luaL_getmetafield(L, index, "__tostring") == LUA_TNIL) return true;
  lua_pop(L, 1);
  return false;
}

constexpr std::uint64_t steps_an_item = 32;
constexpr std::uint64_t steps_a_fraction = 128;  // %f writes up to 308 digits before the point
constexpr std::uint64_t scanned_a_step = 8;      // bytes of the format
constexpr std::uint64_t copied_a_step = 64;      // bytes of a text

/// string.format that shows the type in place of an address for %s, and has no %p. Its upvalue is Lua's own.
int safe_format(lua_State* L) {
  std::size_t length = 0;
  const char* text = luaL_checklstring(L, 1, &length);
  const char* end = text + length;
  int argument = 1;
  std::uint64_t steps = length / scanned_a_step;
  for (const char* at = text; at < end; ++at) {
    if (*at != '%') continue;
    if (++at < end && *at == '%') continue;
    while (at < end && *at != '\0' && std::strchr("-+ #0123456789.", *at) != nullptr) ++at;
    ++argument;
    if (at >= end) break;
    if (*at == 'p')
      return luaL_error(L, "string.format: there is no %%p here, an address makes every run's text another");
    steps += *at == 'f' ? steps_a_fraction : steps_an_item;
    if (argument > lua_gettop(L)) continue;
    if (lua_type(L, argument) == LUA_TSTRING) steps += lua_rawlen(L, argument) / (*at == 'q' ? 1 : copied_a_step);
    if (*at != 's') continue;
    if (!shows_its_address(L, argument)) continue;
    lua_pushstring(L, luaL_typename(L, argument));
    lua_replace(L, argument);
  }
  spend_steps(L, steps);
  return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

}  // namespace

void register_safe_format(lua_State* L, int environment) {
  lua_getfield(L, environment, "string");
  lua_getfield(L, -1, "format");
  lua_pushcclosure(L, safe_format, 1);
  lua_setfield(L, -2, "format");
  lua_pop(L, 1);
}

}  // namespace audit::lua

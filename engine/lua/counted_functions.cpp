#include <algorithm>

#include "lua/check.hpp"
#include "lua/sandbox.hpp"

// Functions of Lua's own library behind a meter: no hook interrupts them, so what they will do is counted before they
// begin.

namespace audit::lua {
namespace {

constexpr std::uint64_t bytes_a_step = 64;

int call_original(lua_State* L) { return lua_tocfunction(L, lua_upvalueindex(1))(L); }

/// Linear in its text arguments.
int counted_by_text(lua_State* L) {
  std::uint64_t bytes = 0;
  for (int i = 1; i <= lua_gettop(L); ++i)
    if (lua_type(L, i) == LUA_TSTRING) bytes += lua_rawlen(L, i);
  spend_steps(L, bytes / bytes_a_step);
  return call_original(L);
}

/// How many indices first..last are; 0 where there are none.
std::uint64_t span(lua_Integer first, lua_Integer last) {
  return last < first ? 0 : static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(first) + 1;
}

/// The length of the table at 1, which must be its own: a `__len` could name another one each time it is asked.
lua_Integer own_length(lua_State* L) {
  if (luaL_getmetafield(L, 1, "__len") != LUA_TNIL) luaL_argerror(L, 1, "a table without `__len` is expected");
  return lua_type(L, 1) == LUA_TTABLE ? static_cast<lua_Integer>(lua_rawlen(L, 1)) : 0;
}

int counted_move(lua_State* L) {
  spend_steps(L, span(luaL_checkinteger(L, 2), luaL_checkinteger(L, 3)));
  return call_original(L);
}

/// insert and remove: what stands behind the place moves.
int counted_shift(lua_State* L) {
  const lua_Integer length = own_length(L);
  if (lua_isinteger(L, 2) != 0)
    spend_steps(L, std::min(span(lua_tointeger(L, 2), length), static_cast<std::uint64_t>(length)));
  return call_original(L);
}

int counted_concat(lua_State* L) {
  const lua_Integer length = own_length(L);
  const std::uint64_t asked = span(luaL_optinteger(L, 3, 1), luaL_optinteger(L, 4, length));
  const bool ends_at_nil = lua_getmetatable(L, 1) == 0;
  if (!ends_at_nil) lua_pop(L, 1);
  spend_steps(L, ends_at_nil ? std::min(asked, static_cast<std::uint64_t>(length) + 1) : asked);
  return call_original(L);
}

int counted_unpack(lua_State* L) {
  constexpr std::uint64_t most_results = 1'000'000;  // Lua refuses more
  const lua_Integer length = own_length(L);
  spend_steps(L, std::min(span(luaL_optinteger(L, 2, 1), luaL_optinteger(L, 3, length)), most_results));
  return call_original(L);
}

int counted_sort(lua_State* L) {
  const auto length = static_cast<std::uint64_t>(own_length(L));
  std::uint64_t rounds = 1;
  while (length >> rounds != 0) ++rounds;
  spend_steps(L, length * rounds);
  return call_original(L);
}

void put_behind(lua_State* L, int environment, const char* library, std::initializer_list<const char*> names,
                lua_CFunction meter) {
  lua_getfield(L, environment, library);
  for (const char* name : names) {
    lua_getfield(L, -1, name);
    lua_pushcclosure(L, meter, 1);
    lua_setfield(L, -2, name);
  }
  lua_pop(L, 1);
}

}  // namespace

void register_counted_functions(lua_State* L, int environment) {
  put_behind(L, environment, "string", {"upper", "lower", "reverse", "pack", "unpack"}, counted_by_text);
  put_behind(L, environment, "utf8", {"codepoint", "len", "offset"}, counted_by_text);
  put_behind(L, environment, "table", {"move"}, counted_move);
  put_behind(L, environment, "table", {"insert", "remove"}, counted_shift);
  put_behind(L, environment, "table", {"concat"}, counted_concat);
  put_behind(L, environment, "table", {"unpack"}, counted_unpack);
  put_behind(L, environment, "table", {"sort"}, counted_sort);
}

}  // namespace audit::lua

#include <algorithm>

#include "lua/arguments.hpp"
#include "lua/check.hpp"
#include "lua/sandbox.hpp"

// Functions of Lua's own library behind a meter: no hook interrupts them, so what they will do is counted before they
// begin.

namespace audit::lua {
namespace {

constexpr std::uint64_t plenty = std::uint64_t{1} << 40U;  // more than any budget

int call_original(lua_State* L) { return lua_tocfunction(L, lua_upvalueindex(1))(L); }

/// How many indices first..last are; 0 where there are none.
std::uint64_t span(lua_Integer first, lua_Integer last) {
  return last < first ? 0 : static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(first) + 1;
}

std::uint64_t text_size(lua_State* L, int index) {
  return lua_type(L, index) == LUA_TSTRING ? lua_rawlen(L, index) : 0;
}

/// Linear in its text, which it copies.
int counted_copy(lua_State* L) {
  constexpr std::uint64_t bytes_a_step = 16;
  spend_steps(L, text_size(L, 1) / bytes_a_step);
  return call_original(L);
}

/// Linear in its text, which it reads byte by byte.
int counted_reading(lua_State* L) {
  constexpr std::uint64_t bytes_a_step = 8;
  spend_steps(L, text_size(L, 1) / bytes_a_step);
  return call_original(L);
}

/// pack, unpack, packsize: an item of the format is work, and so is what it covers.
int counted_format(lua_State* L) {
  constexpr std::uint64_t bytes_a_step = 64;
  std::uint64_t bytes = 0;
  for (int i = 2; i <= lua_gettop(L); ++i) bytes += text_size(L, i);
  spend_steps(L, text_size(L, 1) + bytes / bytes_a_step);
  return call_original(L);
}

/// byte: gives as many results as are asked for.
int counted_byte(lua_State* L) {
  constexpr std::uint64_t results_a_step = 4;
  const auto length = static_cast<lua_Integer>(text_size(L, 1));
  lua_Integer first = luaL_optinteger(L, 2, 1);
  lua_Integer last = luaL_optinteger(L, 3, first);
  if (first < 0) first += length + 1;
  if (last < 0) last += length + 1;
  spend_steps(L, span(std::max<lua_Integer>(first, 1), std::min(last, length)) / results_a_step);
  return call_original(L);
}

/// The iterator of utf8.codes, which passes all continuation bytes that come next.
int counted_code(lua_State* L) {
  constexpr std::uint64_t bytes_a_step = 4;
  std::size_t length = 0;
  const char* text = luaL_checklstring(L, 1, &length);
  const auto began = static_cast<lua_Unsigned>(lua_tointeger(L, 2));
  std::size_t at = began < length ? began : length;
  while (at < length && (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80U) ++at;
  if (at > began) spend_steps(L, (at - began) / bytes_a_step);
  return call_original(L);
}

int counted_codes(lua_State* L) {
  const int results = call_original(L);
  lua_pushvalue(L, -results);
  lua_pushcclosure(L, counted_code, 1);
  lua_replace(L, -results - 1);
  return results;
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
  constexpr std::uint64_t steps_an_item = 8;  // a number is written
  const std::uint64_t items = ends_at_nil ? std::min(asked, static_cast<std::uint64_t>(length) + 1) : asked;
  spend_steps(L, std::min(items, plenty) * steps_an_item);
  return call_original(L);
}

int counted_unpack(lua_State* L) {
  constexpr std::uint64_t most_results = 1'000'000;  // Lua refuses more
  const lua_Integer length = own_length(L);
  spend_steps(L, std::min(span(luaL_optinteger(L, 2, 1), luaL_optinteger(L, 3, length)), most_results));
  return call_original(L);
}

/// Puts the named functions of the table on top behind a meter.
void put_behind(lua_State* L, std::initializer_list<const char*> names, lua_CFunction meter) {
  for (const char* name : names) {
    lua_getfield(L, -1, name);
    lua_pushcclosure(L, meter, 1);
    lua_setfield(L, -2, name);
  }
}

}  // namespace

void register_counted_functions(lua_State* L, int environment) {
  lua_pushvalue(L, environment);
  put_behind(L, {"tonumber"}, counted_reading);
  lua_getfield(L, environment, "string");
  put_behind(L, {"upper", "lower", "reverse"}, counted_copy);
  put_behind(L, {"pack", "packsize", "unpack"}, counted_format);
  put_behind(L, {"byte"}, counted_byte);
  lua_getfield(L, environment, "utf8");
  put_behind(L, {"codepoint", "len", "offset"}, counted_reading);
  put_behind(L, {"codes"}, counted_codes);
  lua_getfield(L, environment, "table");
  put_behind(L, {"move"}, counted_move);
  put_behind(L, {"insert", "remove"}, counted_shift);
  put_behind(L, {"concat"}, counted_concat);
  put_behind(L, {"unpack"}, counted_unpack);
  lua_pop(L, 4);
}

}  // namespace audit::lua

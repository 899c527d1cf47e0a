#include <algorithm>
#include <cstring>
#include <string_view>

#include "lua/check.hpp"
#include "lua/kept_table.hpp"
#include "lua/sandbox.hpp"

// Functions that stand in for Lua's own: order that never depends on addresses, no addresses shown, no finalizers, and
// every loop counted against the check's budget.

namespace audit::lua {
namespace {

/// A key of a table, so that keys can be sorted without Lua; strings stay alive in the table that is walked.
struct Key {
  int rank;  // numbers, then strings, then booleans, then what has no order
  double number;
  bool real;          // a float; comes after the integer that is the same double
  lua_Integer whole;  // tells integers apart that are the same double
  std::string_view text;
  std::uint32_t position;

  bool operator<(const Key& other) const noexcept {
    if (rank != other.rank) return rank < other.rank;
    if (number != other.number) return number < other.number;
    if (real != other.real) return other.real;
    if (whole != other.whole) return whole < other.whole;
    if (rank == 1 && text != other.text) return text < other.text;
    return position < other.position;
  }
};

constexpr int unordered = 3;

Key describe_key(lua_State* L, int index, std::uint32_t position) noexcept {
  Key key{unordered, 0, false, 0, {}, position};
  switch (lua_type(L, index)) {
    case LUA_TNUMBER:
      key.rank = 0;
      key.number = lua_tonumber(L, index);
      key.real = lua_isinteger(L, index) == 0;
      key.whole = lua_tointeger(L, index);  // 0 for a float that is none
      break;
    case LUA_TSTRING: {
      std::size_t length = 0;
      const char* text = lua_tolstring(L, index, &length);
      key.rank = 1;
      key.text = std::string_view(text, length);
      break;
    }
    case LUA_TBOOLEAN:
      key.rank = 2;
      key.number = lua_toboolean(L, index);
      break;
    default: break;
  }
  return key;
}

/// Pushes a list of the table's keys in a fixed order.
void push_sorted_keys(lua_State* L, int table) {
  lua_newtable(L);
  const int list = lua_gettop(L);
  std::uint32_t count = 0;
  count_walk(L);
  lua_pushnil(L);
  while (lua_next(L, table) != 0) {
    lua_pop(L, 1);
    if (lua_type(L, -1) == LUA_TLIGHTUSERDATA) continue;
    lua_pushvalue(L, -1);
    lua_rawseti(L, list, ++count);
  }
  constexpr std::uint64_t steps_a_key = 8;  // to sort
  spend_steps(L, count * steps_a_key);
  Key* keys = static_cast<Key*>(lua_newuserdatauv(L, std::max<std::size_t>(1, count) * sizeof(Key), 0));
  for (std::uint32_t i = 0; i < count; ++i) {
    lua_rawgeti(L, list, i + 1);
    keys[i] = describe_key(L, -1, i);
    lua_pop(L, 1);
  }
  std::sort(keys, keys + count);
  if (count > 1 && keys[count - 2].rank == unordered)
    luaL_error(
        L,
        "the table has several keys that are tables or functions, which have no order: a run and its replay would "
        "differ; keep them in a list, or name them");
  lua_createtable(L, static_cast<int>(count), 0);
  for (std::uint32_t i = 0; i < count; ++i) {
    lua_rawgeti(L, list, keys[i].position + 1);
    lua_rawseti(L, -2, i + 1);
  }
  lua_replace(L, list);
  lua_settop(L, list);
}

/// Counts the places of keys that are gone, which an iterator passed at once.
void count_skipped(lua_State* L, lua_Integer began, lua_Integer at) noexcept {
  constexpr lua_Integer skipped_a_step = 4;
  if (at - began >= skipped_a_step) count_steps(L, static_cast<std::uint64_t>((at - began) / skipped_a_step));
}

/// The iterator of pairs: upvalues are the sorted keys and how far it is.
int next_pair(lua_State* L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  const lua_Integer began = lua_tointeger(L, lua_upvalueindex(2));
  lua_Integer at = began;
  int results = 2;
  while (true) {
    if (lua_rawgeti(L, lua_upvalueindex(1), ++at) == LUA_TNIL) {
      results = 1;
      break;
    }
    lua_pushvalue(L, -1);
    if (lua_rawget(L, 1) != LUA_TNIL) break;  // gone since: skip it
    lua_pop(L, 2);
  }
  lua_pushinteger(L, results == 2 ? at : at - 1);
  lua_replace(L, lua_upvalueindex(2));
  count_skipped(L, began, at);
  return results;
}

/// The iterator of pairs over a list: its upvalue is the length the list had.
int next_item(lua_State* L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  const lua_Integer length = lua_tointeger(L, lua_upvalueindex(1));
  const lua_Integer began = lua_isnil(L, 2) ? 0 : luaL_checkinteger(L, 2);
  luaL_argcheck(L, began >= 0, 2, "not an index of the list");
  lua_Integer at = began;
  bool found = false;
  while (!found && at < length) {
    lua_settop(L, 2);
    lua_pushinteger(L, ++at);
    found = lua_rawgeti(L, 1, at) != LUA_TNIL;  // gone since: skip it
  }
  count_skipped(L, began, at);
  if (found) return 2;
  lua_pushnil(L);
  return 1;
}

/// Does the table hold 1..n and nothing else? Then its order is plain.
bool is_list(lua_State* L, int table) {
  const std::size_t length = lua_rawlen(L, table);
  std::size_t seen = 0;
  count_walk(L);
  lua_pushnil(L);
  while (lua_next(L, table) != 0) {
    lua_pop(L, 1);
    const lua_Integer key = lua_tointeger(L, -1);
    if (lua_isinteger(L, -1) == 0 || key < 1 || static_cast<lua_Unsigned>(key) > length) {
      lua_pop(L, 1);
      return false;
    }
    ++seen;
  }
  return seen == length;
}

int safe_pairs(lua_State* L) {
  luaL_checkany(L, 1);
  if (luaL_getmetafield(L, 1, "__pairs") != LUA_TNIL) {
    lua_pushvalue(L, 1);
    lua_call(L, 1, 3);
    return 3;
  }
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  count_steps(L, lua_rawlen(L, 1));
  if (is_list(L, 1)) {
    lua_pushinteger(L, static_cast<lua_Integer>(lua_rawlen(L, 1)));
    lua_pushcclosure(L, next_item, 1);
    lua_pushvalue(L, 1);
    lua_pushnil(L);
    return 3;
  }
  push_sorted_keys(L, 1);
  lua_pushinteger(L, 0);
  lua_pushcclosure(L, next_pair, 2);
  lua_pushvalue(L, 1);
  lua_pushnil(L);
  return 3;
}

/// next(t, k) in the order of pairs: linear in the table each time, and counted so.
int safe_next(lua_State* L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 2);
  if (push_shown(L, 1)) lua_replace(L, 1);
  push_sorted_keys(L, 1);
  lua_Integer at = 1;
  if (!lua_isnil(L, 2)) {
    for (;; ++at) {
      if (lua_rawgeti(L, 3, at) == LUA_TNIL) return luaL_error(L, "next: the key is not in the table");
      if (lua_rawequal(L, -1, 2) != 0) break;
      lua_pop(L, 1);
    }
    ++at;
  }
  if (lua_rawgeti(L, 3, at) == LUA_TNIL) return 1;
  lua_pushvalue(L, -1);
  lua_rawget(L, 1);
  return 2;
}

int safe_setmetatable(lua_State* L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  const int type = lua_type(L, 2);
  luaL_argexpected(L, type == LUA_TNIL || type == LUA_TTABLE, 2, "nil or table");
  if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL) return luaL_error(L, "cannot change a protected metatable");
  if (type == LUA_TTABLE) {
    for (const char* field : {"__gc", "__mode"}) {
      lua_pushstring(L, field);
      if (lua_rawget(L, 2) != LUA_TNIL) return luaL_error(L, "a metatable of a rule may not have `%s`", field);
      lua_pop(L, 1);
    }
  }
  lua_settop(L, 2);
  lua_setmetatable(L, 1);
  return 1;
}

int safe_getmetatable(lua_State* L) {
  luaL_checkany(L, 1);
  if (lua_getmetatable(L, 1) == 0) {
    lua_pushnil(L);
    return 1;
  }
  luaL_getmetafield(L, 1, "__metatable");
  return 1;  // the field where there is one, else the metatable
}

int safe_rawset(lua_State* L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checkany(L, 2);
  luaL_checkany(L, 3);
  if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL) return luaL_error(L, "rawset: this table is protected");
  lua_settop(L, 3);
  lua_rawset(L, 1);
  return 1;
}

int safe_tostring(lua_State* L) {
  luaL_checkany(L, 1);
  const int type = lua_type(L, 1);
  const bool has_address = type == LUA_TTABLE || type == LUA_TFUNCTION || type == LUA_TUSERDATA ||
                           type == LUA_TTHREAD || type == LUA_TLIGHTUSERDATA;
  if (has_address && luaL_getmetafield(L, 1, "__tostring") == LUA_TNIL) {
    lua_pushstring(L, luaL_typename(L, 1));  // an address would make every run's text another
    return 1;
  }
  luaL_tolstring(L, 1, nullptr);
  return 1;
}

int safe_rep(lua_State* L) {
  std::size_t length = 0;
  std::size_t separator_length = 0;
  const char* text = luaL_checklstring(L, 1, &length);
  const lua_Integer count = luaL_checkinteger(L, 2);
  const char* separator = luaL_optlstring(L, 3, "", &separator_length);
  if (count <= 0) {
    lua_pushliteral(L, "");
    return 1;
  }
  constexpr std::size_t longest = 64U << 20U;
  const std::size_t piece = length + separator_length;
  if (piece > longest || static_cast<std::size_t>(count) > longest / std::max<std::size_t>(1, piece))
    return luaL_error(L, "string.rep: the result would be longer than 64 MiB");
  const std::size_t total = piece * static_cast<std::size_t>(count) - separator_length;
  count_steps(L, total / 64 + static_cast<std::size_t>(count) / 8);
  luaL_Buffer buffer;
  char* out = luaL_buffinitsize(L, &buffer, total);
  for (lua_Integer i = 0; i < count; ++i) {
    std::memcpy(out, text, length);
    out += length;
    if (i + 1 < count) {
      std::memcpy(out, separator, separator_length);
      out += separator_length;
    }
  }
  luaL_pushresultsize(&buffer, total);
  return 1;
}

}  // namespace

void register_safe_functions(lua_State* L, int environment) {
  const luaL_Reg functions[] = {
      {"pairs", safe_pairs},
      {"next", safe_next},
      {"setmetatable", safe_setmetatable},
      {"getmetatable", safe_getmetatable},
      {"rawset", safe_rawset},
      {"tostring", safe_tostring},
      {nullptr, nullptr},
  };
  for (const luaL_Reg* function = functions; function->name != nullptr; ++function) {
    lua_pushcfunction(L, function->func);
    lua_setfield(L, environment, function->name);
  }
  lua_getfield(L, environment, "string");
  lua_pushcfunction(L, safe_rep);
  lua_setfield(L, -2, "rep");
  lua_pop(L, 1);
}

}  // namespace audit::lua

#include "lua/kept_table.hpp"

#include "lua/check.hpp"
#include "lua/value.hpp"

namespace audit::lua {
namespace {

constexpr const char* kept_name = "audit.kept";
const char shown_key = 0;  // where a kept table has the one that it shows

int kept_index(lua_State* L) {
  lua_settop(L, 2);
  if (!push_shown(L, 1)) return luaL_error(L, "not a table that was collected");
  lua_insert(L, 2);
  lua_rawget(L, 2);
  return 1;
}

int refuse_write(lua_State* L) {
  const char* key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : luaL_typename(L, 2);
  return luaL_error(L, "what was collected cannot be changed (key `%s`); keep yours in a table of your own", key);
}

int kept_length(lua_State* L) {
  lua_settop(L, 1);
  lua_pushinteger(L, push_shown(L, 1) ? static_cast<lua_Integer>(lua_rawlen(L, -1)) : 0);
  return 1;
}

/// pairs() walks a copy: the iterator shows the script its table.
int kept_pairs(lua_State* L) {
  lua_settop(L, 1);
  if (!push_shown(L, 1)) return luaL_error(L, "not a table that was collected");
  lua_getglobal(L, "pairs");
  lua_newtable(L);
  std::uint64_t members = 0;
  lua_pushnil(L);
  while (lua_next(L, 2) != 0) {
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_rawset(L, 4);
    ++members;
  }
  spend_steps(L, members);
  lua_call(L, 1, 3);
  return 3;
}

void push_metatable(lua_State* L) {
  if (luaL_newmetatable(L, kept_name) == 0) return;
  lua_pushcfunction(L, kept_index);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, refuse_write);
  lua_setfield(L, -2, "__newindex");
  lua_pushcfunction(L, kept_length);
  lua_setfield(L, -2, "__len");
  lua_pushcfunction(L, kept_pairs);
  lua_setfield(L, -2, "__pairs");
  lua_pushliteral(L, "collected");
  lua_setfield(L, -2, "__metatable");
}

}  // namespace

bool push_shown(lua_State* L, int index) noexcept {
  if (lua_type(L, index) != LUA_TTABLE) return false;
  if (lua_rawgetp(L, index, &shown_key) == LUA_TTABLE) return true;
  lua_pop(L, 1);
  return false;
}

void push_kept(lua_State* L) {
  if (lua_type(L, -1) != LUA_TTABLE) return;
  luaL_checkstack(L, 8, "data is nested too deeply");
  const int table = lua_gettop(L);
  lua_pushnil(L);
  while (lua_next(L, table) != 0) {  // a member that is there may be set while the table is walked
    if (lua_type(L, -1) != LUA_TTABLE) {
      lua_pop(L, 1);
      continue;
    }
    push_kept(L);
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_rawset(L, table);
  }
  lua_createtable(L, 0, 2);
  if (lua_rawgetp(L, table, observation_key()) != LUA_TNIL) {
    lua_rawsetp(L, -2, observation_key());
  } else {
    lua_pop(L, 1);
  }
  lua_pushvalue(L, table);
  lua_rawsetp(L, -2, &shown_key);
  push_metatable(L);
  lua_setmetatable(L, -2);
  lua_replace(L, table);
}

}  // namespace audit::lua

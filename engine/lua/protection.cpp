#include "lua/check.hpp"
#include "lua/sandbox.hpp"

// pcall and try. Neither brings back a check that has ended: its error passes through both.

namespace audit::lua {
namespace {

bool has_ended(lua_State* L) noexcept {
  const Check* check = check_of(L);
  return check != nullptr && (check->ended || check->closing);
}

int finish_pcall(lua_State* L, int status, lua_KContext /*unused*/) {
  if (status != LUA_OK && status != LUA_YIELD) {
    if (has_ended(L)) return leave(L);
    lua_pushboolean(L, 0);
    lua_insert(L, -2);
    return 2;
  }
  return lua_gettop(L);  // true was put below the results
}

int safe_pcall(lua_State* L) {
  luaL_checkany(L, 1);
  lua_pushboolean(L, 1);
  lua_insert(L, 1);
  const int status = lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, 0, finish_pcall);
  return finish_pcall(L, status, 0);
}

/// The results, or nil, kind, message where a probe could not answer. Mistakes of the rule pass through.
int finish_try(lua_State* L, int status, lua_KContext /*unused*/) {
  if (status == LUA_OK || status == LUA_YIELD) return lua_gettop(L);
  if (has_ended(L)) return leave(L);
  const int error = lua_gettop(L);
  if (!read_probe_error(L, error)) {
    lua_settop(L, error);
    return lua_error(L);
  }
  lua_pushnil(L);
  lua_insert(L, error + 1);
  return 3;
}

int try_function(lua_State* L) {
  luaL_checkany(L, 1);
  const int status = lua_pcallk(L, lua_gettop(L) - 1, LUA_MULTRET, 0, 0, finish_try);
  return finish_try(L, status, 0);
}

}  // namespace

void register_protection(lua_State* L, int environment) {
  lua_pushcfunction(L, safe_pcall);
  lua_setfield(L, environment, "pcall");
  lua_pushcfunction(L, try_function);
  lua_setfield(L, environment, "try");
}

}  // namespace audit::lua

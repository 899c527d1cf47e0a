#include "lua/check.hpp"
#include "lua/sandbox.hpp"

// pcall, try and raise. Neither of the first two brings back a check that has ended: its error passes through both.

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

/// What a library may say of a peer. What this machine or the run is to blame for is said by the engine only.
bool is_of_the_peer(const char* kind) noexcept {
  for (const Reason reason : {Reason::closed, Reason::filtered, Reason::refused, Reason::reset, Reason::timeout,
                              Reason::unreachable, Reason::eof, Reason::truncated, Reason::protocol_error,
                              Reason::tls_error, Reason::auth_required, Reason::auth_failed})
    if (name_of(reason) == kind) return true;
  return false;
}

/// raise(kind, message): as a probe that cannot answer.
int raise_probe_error(lua_State* L) {
  constexpr std::size_t longest = 2'048;
  const char* kind = lua_type(L, 1) == LUA_TSTRING ? lua_tostring(L, 1) : "";
  if (!is_of_the_peer(kind))
    return luaL_error(L,
                      "raise: no kind `%s`; there are closed filtered refused reset timeout unreachable eof truncated "
                      "protocol_error tls_error auth_required auth_failed",
                      kind);
  if (lua_type(L, 2) != LUA_TSTRING) return luaL_error(L, "raise: argument 2 (message) is to be a string");
  if (lua_rawlen(L, 2) > longest) return luaL_error(L, "raise: the message is longer than 2048 bytes");
  std::size_t size = 0;
  const char* message = lua_tolstring(L, 2, &size);
  push_probe_error(L, kind, {message, size});
  return lua_error(L);
}

}  // namespace

void register_protection(lua_State* L, int environment) {
  lua_pushcfunction(L, safe_pcall);
  lua_setfield(L, environment, "pcall");
  lua_pushcfunction(L, try_function);
  lua_setfield(L, environment, "try");
  lua_pushcfunction(L, raise_probe_error);
  lua_setfield(L, environment, "raise");
}

}  // namespace audit::lua

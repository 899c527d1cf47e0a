#include "genuine.hpp"

#include <stdexcept>

#include "lua/check.hpp"
#include "lua/sandbox.hpp"

namespace audit::lua {

Genuine::Genuine() : state_(luaL_newstate()) {
  if (state_ == nullptr) throw std::runtime_error("no Lua state could be made");
  check_of(state_) = nullptr;
  luaL_openlibs(state_);
  lua_newtable(state_);
  for (const char* library : {"string", "table", "utf8"}) {  // what is not replaced stays Lua's own
    lua_newtable(state_);
    lua_getglobal(state_, library);
    for (lua_pushnil(state_); lua_next(state_, -2) != 0;) {
      lua_pushvalue(state_, -2);
      lua_insert(state_, -2);
      lua_settable(state_, -5);
    }
    lua_pop(state_, 1);
    lua_setfield(state_, -2, library);
  }
  register_pattern_functions(state_, lua_gettop(state_));
  register_sort(state_, lua_gettop(state_));
  lua_setglobal(state_, "ours");
}

Genuine::~Genuine() { lua_close(state_); }

std::string Genuine::run(std::string_view source) {
  std::string said;
  if (luaL_loadbuffer(state_, source.data(), source.size(), "=test") != LUA_OK || lua_pcall(state_, 0, 1, 0) != LUA_OK)
    said = "error: ";
  said += luaL_tolstring(state_, -1, nullptr);
  lua_settop(state_, 0);
  return said;
}

void Genuine::set(const char* name, lua_Integer value) {
  lua_pushinteger(state_, value);
  lua_setglobal(state_, name);
}

}  // namespace audit::lua

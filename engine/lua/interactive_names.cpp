#include <set>

#include "lua/interactive.hpp"
#include "lua/lib_probe.hpp"
#include "lua/lib_stream.hpp"
#include "lua/lib_target.hpp"

// What TAB may offer: read from the live values, without running any Lua.

namespace audit::lua {
namespace {

using Found = std::set<std::string, std::less<>>;

/// Adds the keys of the table on top that are names.
void add_keys(lua_State* L, Found& found, bool functions_only) {
  lua_pushnil(L);
  while (lua_next(L, -2) != 0) {
    const bool wanted = !functions_only || lua_isfunction(L, -1) != 0;
    lua_pop(L, 1);
    if (wanted && lua_type(L, -1) == LUA_TSTRING) found.insert(lua_tostring(L, -1));
  }
}

/// Replaces what is on top by what it shows its fields from: itself, or the table behind it.
void look_behind(lua_State* L) {
  const int type = luaL_getmetafield(L, -1, "__index");
  if (type == LUA_TTABLE) {
    lua_replace(L, -2);
  } else if (type != LUA_TNIL) {
    lua_pop(L, 1);
  }
}

/// Replaces the table on top by its member, raw.
void step_into(lua_State* L, std::string_view name) {
  lua_pushlstring(L, name.data(), name.size());
  if (lua_type(L, -2) == LUA_TTABLE) {
    lua_rawget(L, -2);
  } else {
    lua_pop(L, 1);
    lua_pushnil(L);
  }
  lua_replace(L, -2);
}

void push_member(lua_State* L, std::string_view name) {
  lua_pushvalue(L, -1);
  step_into(L, name);
  if (!lua_isnil(L, -1) || lua_type(L, -2) != LUA_TTABLE) return;
  lua_pop(L, 1);
  lua_pushvalue(L, -1);
  look_behind(L);
  step_into(L, name);
}

void add_all(const std::vector<std::string_view>& names, Found& found) { found.insert(names.begin(), names.end()); }

bool is_target(lua_State* L) {
  if (lua_type(L, -1) != LUA_TUSERDATA || luaL_getmetafield(L, -1, "__metatable") == LUA_TNIL) return false;
  const bool target = lua_type(L, -1) == LUA_TSTRING && std::string_view(lua_tostring(L, -1)) == "target";
  lua_pop(L, 1);
  return target;
}

void add_of_value(lua_State* L, bool methods, Found& found) {
  if (stream_at(L, -1) != nullptr) {
    add_all(stream_method_names(), found);
    if (!methods) add_all(stream_field_names(), found);
  } else if (is_target(L)) {
    push_probe_methods(L);
    add_keys(L, found, false);
    lua_pop(L, 1);
    if (!methods) add_all(target_field_names(), found);
  } else if (lua_type(L, -1) == LUA_TTABLE) {
    add_keys(L, found, methods);
    lua_pushvalue(L, -1);
    look_behind(L);
    if (lua_type(L, -1) == LUA_TTABLE) add_keys(L, found, methods);
    lua_pop(L, 1);
  } else if (lua_type(L, -1) == LUA_TSTRING && methods) {
    look_behind(L);
    look_behind(L);  // the library is frozen
    if (lua_type(L, -1) == LUA_TTABLE) add_keys(L, found, true);
  }
}

struct Search {
  std::string_view path;
  bool methods;
  bool target;  // there is one, perhaps not among the globals yet
  Found* found;
};

/// Runs protected; nothing here needs a destructor.
int search(lua_State* L) {
  Search& job = *static_cast<Search*>(lua_touserdata(L, 1));
  lua_getfield(L, LUA_REGISTRYINDEX, "audit.session");
  std::string_view rest = job.path;
  lua_pushliteral(L, "target");
  if (lua_rawget(L, -2) == LUA_TNIL && job.target) {
    push_target(L);
    lua_setfield(L, -3, "target");
  }
  lua_pop(L, 1);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('.'), rest.size());
    push_member(L, rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  add_of_value(L, job.methods, *job.found);
  return 0;
}

}  // namespace

std::vector<std::string> Interactive::names_after(std::string_view path, bool methods) {
  lua_State* L = machine_.state_;
  lua_settop(L, 0);
  Found found;
  Search job{path, methods, has_target(), &found};
  lua_pushcfunction(L, search);
  lua_pushlightuserdata(L, &job);
  static_cast<void>(lua_pcall(L, 1, 0, 0));
  lua_settop(L, 0);
  return {found.begin(), found.end()};
}

}  // namespace audit::lua

#include "lua/modules.hpp"

#include "lua/check.hpp"
#include "lua/sandbox.hpp"

namespace audit::lua {
namespace {

constexpr const char* compiled_key = "audit.modules";  // by file
const char beside_key = 0;

/// The text of a module of the rule's own folder; null where there is none. `folder` is set in any case.
const std::string* find_beside(lua_State* L, const char* name, const char*& folder) {
  const std::map<std::string, std::string>* sources = nullptr;
  if (const Check* check = check_of(L)) {
    sources = &check->rule.modules;
    folder = check->rule.folder.c_str();
  } else {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &beside_key);
    const auto* beside = static_cast<const ModulesBeside*>(lua_touserdata(L, -1));
    lua_pop(L, 1);
    if (beside == nullptr) return nullptr;
    sources = beside->sources;
    folder = beside->folder.c_str();
  }
  if (sources == nullptr || sources->empty()) return nullptr;
  const auto found = sources->find(name);
  return found == sources->end() ? nullptr : &found->second;
}

/// Pushes the compiled function of a module, compiling it the first time; raises where there is none.
void push_module(lua_State* L, const RuleSet& rules, const char* name) {
  luaL_getsubtable(L, LUA_REGISTRYINDEX, compiled_key);
  const char* folder = "scripts";
  const std::string* text = find_beside(L, name, folder);
  if (text == nullptr) {
    const auto found = rules.modules.find(name);
    if (found == rules.modules.end())
      luaL_error(L, "module `%s` is neither in scripts/ nor beside the rule (a name has to be written out)", name);
    text = &found->second;
    folder = "scripts";
  }
  const char* chunk_name = lua_pushfstring(L, *folder != '\0' ? "@%s/%s.lua" : "@%s%s.lua", folder, name);
  if (lua_getfield(L, -2, chunk_name) == LUA_TFUNCTION) return;
  lua_pop(L, 1);
  if (load_chunk(L, text->data(), text->size(), chunk_name) != LUA_OK) lua_error(L);
  lua_pushvalue(L, -1);
  lua_setfield(L, -4, chunk_name);
}

/// A check's own modules stand in the registry under its address, until it ends.
int require_module(lua_State* L) {
  const auto& rules = *static_cast<const RuleSet*>(lua_touserdata(L, lua_upvalueindex(1)));
  const char* name = luaL_checkstring(L, 1);
  lua_settop(L, 1);
  lua_rawgetp(L, LUA_REGISTRYINDEX, check_of(L));
  if (lua_isnil(L, -1) && check_of(L) != nullptr) {
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, check_of(L));
  }
  if (lua_istable(L, 2) && lua_getfield(L, 2, name) != LUA_TNIL) return 1;
  lua_settop(L, 2);
  push_module(L, rules, name);
  lua_replace(L, 3);
  lua_settop(L, 3);
  lua_newtable(L);
  luaL_getmetatable(L, "audit.environment");
  lua_setmetatable(L, -2);
  lua_call(L, 1, 1);
  if (lua_isnil(L, -1)) return luaL_error(L, "module `%s` returns nothing", name);
  if (lua_istable(L, 2)) {
    lua_pushvalue(L, -1);
    lua_setfield(L, 2, name);
  }
  return 1;
}

}  // namespace

void register_require(lua_State* L, int environment, const RuleSet& rules) {
  lua_pushlightuserdata(L, const_cast<RuleSet*>(&rules));  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  lua_pushcclosure(L, require_module, 1);
  lua_setfield(L, environment, "require");
}

void set_modules_beside(lua_State* L, const ModulesBeside* beside) {
  lua_pushlightuserdata(L, const_cast<ModulesBeside*>(beside));  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  lua_rawsetp(L, LUA_REGISTRYINDEX, &beside_key);
}

void forget_modules(lua_State* L, const Check& check) {
  lua_pushnil(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &check);
}

}  // namespace audit::lua

#include "lua/vocabulary.hpp"

#include "base/text.hpp"
#include "lua/collection.hpp"
#include "lua/lib_probe.hpp"
#include "lua/lib_stream.hpp"
#include "lua/lib_target.hpp"
#include "lua/reading.hpp"
#include "lua/sandbox.hpp"

namespace audit::lua {
namespace {

/// The texts among the keys of the table on top of the stack.
Names keys_of(lua_State* L) {
  Names keys;
  lua_pushnil(L);
  while (lua_next(L, -2) != 0) {
    lua_pop(L, 1);
    if (lua_type(L, -1) == LUA_TSTRING) keys.insert(lua_tostring(L, -1));
  }
  return keys;
}

Names names_of(const std::vector<std::string_view>& list) { return {list.begin(), list.end()}; }

Vocabulary::Global global_of(lua_State* L) {
  Vocabulary::Global global;
  global.table = lua_istable(L, -1);
  if (!global.table) return global;
  if (luaL_getmetafield(L, -1, "__index") != LUA_TNIL) {  // a frozen library shows its table so
    if (lua_istable(L, -1)) global.members = keys_of(L);
    lua_pop(L, 1);
  } else {
    global.members = keys_of(L);
  }
  return global;
}

}  // namespace

std::string nearest_of(const Names& names, std::string_view word) {
  return std::string(nearest(word, std::vector<std::string_view>(names.begin(), names.end())));
}

Vocabulary Vocabulary::read() {
  Vocabulary vocabulary;
  Reading reading;
  if (!reading.run({"vocabulary", "return rule {}"}, {}).empty()) return vocabulary;
  lua_State* L = reading.state();
  reading.push_environment();
  for (const std::string& name : keys_of(L)) {
    lua_getfield(L, -1, name.c_str());
    vocabulary.globals[name] = global_of(L);
    lua_pop(L, 1);
  }
  push_probe_methods(L);
  vocabulary.target = {names_of(target_field_names()), keys_of(L)};
  vocabulary.endpoint.fields = names_of(endpoint_field_names());
  vocabulary.stream = {names_of(stream_field_names()), names_of(stream_method_names())};
  vocabulary.run = {names_of(run_field_names()), names_of(run_method_names())};
  vocabulary.collected = names_of(collected_field_names());
  vocabulary.verdicts = names_of(verdict_names());
  return vocabulary;
}

std::optional<Names> members_of_module(const RuleSet& set, const std::string& name) {
  Reading reading;
  if (!reading.run({name, "return rule(require(\"" + name + "\"))"}, set).empty()) return std::nullopt;
  lua_State* L = reading.state();
  if (lua_getmetatable(L, -1) != 0) return std::nullopt;
  return keys_of(L);
}

}  // namespace audit::lua

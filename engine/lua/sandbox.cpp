#include "lua/sandbox.hpp"

#include <array>
#include <cstring>
#include <string_view>

namespace audit::lua {
namespace {

constexpr const char* frozen_name = "audit.frozen";
constexpr const char* probe_error_name = "audit.probe_error";

int refuse_write(lua_State* L) {
  const char* key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : luaL_typename(L, 2);
  return luaL_error(L, "this table is shared by all rules and cannot be changed (key `%s`)", key);
}

/// pairs() of a frozen library walks a copy: the iterator shows the script its table.
int frozen_pairs(lua_State* L) {
  lua_getglobal(L, "pairs");
  lua_newtable(L);
  lua_pushnil(L);
  while (lua_next(L, lua_upvalueindex(1)) != 0) {
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_rawset(L, -4);
  }
  lua_call(L, 1, 3);
  return 3;
}

/// Copies the named members of a standard library and freezes the copy.
void take_library(lua_State* L, int environment, const char* name, std::initializer_list<const char*> members) {
  lua_getglobal(L, name);
  lua_newtable(L);
  for (const char* member : members) {
    lua_getfield(L, -2, member);
    lua_setfield(L, -2, member);
  }
  lua_remove(L, -2);
  lua_setfield(L, environment, name);
}

int probe_error_text(lua_State* L) {
  lua_getfield(L, 1, "kind");
  lua_pushliteral(L, ": ");
  lua_getfield(L, 1, "message");
  lua_concat(L, 3);
  return 1;
}

struct ChunkText {
  std::array<std::string_view, 2> parts;
  std::size_t next = 0;
};

const char* read_chunk(lua_State* /*L*/, void* data, std::size_t* size) {
  ChunkText& text = *static_cast<ChunkText*>(data);
  while (text.next < text.parts.size()) {
    const std::string_view part = text.parts[text.next++];
    if (part.empty()) continue;
    *size = part.size();
    return part.data();
  }
  *size = 0;
  return nullptr;
}

}  // namespace

void freeze(lua_State* L) {
  lua_newtable(L);  // the proxy
  lua_newtable(L);  // its metatable
  lua_pushvalue(L, -3);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, refuse_write);
  lua_setfield(L, -2, "__newindex");
  lua_pushvalue(L, -3);
  lua_pushcclosure(L, frozen_pairs, 1);
  lua_setfield(L, -2, "__pairs");
  lua_pushliteral(L, "frozen");
  lua_setfield(L, -2, "__metatable");
  lua_pushstring(L, frozen_name);
  lua_setfield(L, -2, "__name");
  lua_setmetatable(L, -2);
  lua_remove(L, -2);
}

void push_base_environment(lua_State* L) {
  luaL_requiref(L, LUA_GNAME, luaopen_base, 1);
  luaL_requiref(L, LUA_STRLIBNAME, luaopen_string, 1);
  luaL_requiref(L, LUA_TABLIBNAME, luaopen_table, 1);
  luaL_requiref(L, LUA_MATHLIBNAME, luaopen_math, 1);
  luaL_requiref(L, LUA_UTF8LIBNAME, luaopen_utf8, 1);
  lua_pop(L, 5);

  lua_newtable(L);
  const int environment = lua_gettop(L);
  for (const char* name : {"assert", "error", "ipairs", "select", "tonumber", "type", "rawequal", "rawlen", "rawget"}) {
    lua_getglobal(L, name);
    lua_setfield(L, environment, name);
  }
  take_library(L, environment, "string",
               {"byte", "char", "format", "len", "lower", "reverse", "sub", "upper", "pack", "packsize", "unpack"});
  take_library(L, environment, "table", {"concat", "insert", "move", "pack", "remove", "unpack"});
  take_library(L, environment, "math",
               {"abs", "ceil", "floor", "fmod", "huge", "max", "maxinteger", "min", "mininteger", "modf", "pi", "sqrt",
                "tointeger", "type", "ult", "exp", "log"});
  take_library(L, environment, "utf8", {"char", "charpattern", "codepoint", "codes", "len", "offset"});
  register_pattern_functions(L, environment);
  register_sort(L, environment);
  register_counted_functions(L, environment);
  register_safe_format(L, environment);
  register_safe_functions(L, environment);
  register_protection(L, environment);
  register_parallel(L, environment);
  register_verdicts(L, environment);
  register_bytes(L, environment);
  register_crypto(L, environment);
  register_der(L, environment);
  for (const char* name : {"string", "table", "math", "utf8", "bytes", "crypto", "der"}) {
    lua_getfield(L, environment, name);
    freeze(L);
    lua_setfield(L, environment, name);
  }
  // ("x"):rep(…) must find the safe functions too, and nobody may reach the metatable of strings.
  lua_pushliteral(L, "");
  lua_getmetatable(L, -1);
  lua_getfield(L, environment, "string");
  lua_setfield(L, -2, "__index");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 2);
  lua_pushvalue(L, environment);
  lua_getfield(L, environment, "pairs");
  lua_setglobal(L, "pairs");
  lua_pop(L, 1);
}

int load_chunk(lua_State* L, const char* source, std::size_t size, const char* name) {
  std::string_view text(source, size);
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  ChunkText chunk{{std::string_view("local _ENV = ...; "), text}, 0};
  return lua_load(L, read_chunk, &chunk, name, "t");
}

void push_probe_error(lua_State* L, const char* kind, std::string_view message) {
  lua_createtable(L, 0, 2);
  lua_pushstring(L, kind);
  lua_setfield(L, -2, "kind");
  lua_pushlstring(L, message.data(), message.size());
  lua_setfield(L, -2, "message");
  if (luaL_newmetatable(L, probe_error_name) != 0) {
    lua_pushcfunction(L, probe_error_text);
    lua_setfield(L, -2, "__tostring");
    lua_pushliteral(L, "probe error");
    lua_setfield(L, -2, "__metatable");
  }
  lua_setmetatable(L, -2);
}

bool read_probe_error(lua_State* L, int index) {
  index = lua_absindex(L, index);
  if (lua_type(L, index) != LUA_TTABLE || lua_getmetatable(L, index) == 0) return false;
  luaL_getmetatable(L, probe_error_name);
  const bool ours = lua_rawequal(L, -1, -2) != 0;
  lua_pop(L, 2);
  if (!ours) return false;
  lua_pushliteral(L, "kind");
  lua_rawget(L, index);
  lua_pushliteral(L, "message");
  lua_rawget(L, index);
  return true;
}

}  // namespace audit::lua

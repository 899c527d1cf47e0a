#include "lua/lib_target.hpp"

#include <string_view>

#include "lua/check.hpp"
#include "lua/lib_probe.hpp"
#include "lua/value.hpp"

namespace audit::lua {
namespace {

constexpr const char* target_name = "audit.target";

void push_text(lua_State* L, const std::string& text) { lua_pushlstring(L, text.data(), text.size()); }

void push_list(lua_State* L, const std::vector<std::string>& texts) {
  lua_createtable(L, static_cast<int>(texts.size()), 0);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    push_text(L, texts[i]);
    lua_rawseti(L, -2, static_cast<lua_Integer>(i + 1));
  }
}

void push_params(lua_State* L, const Value::Object& params) {
  lua_createtable(L, 0, static_cast<int>(params.size()));
  for (const auto& [key, value] : params) {
    push_text(L, key);
    push_value(L, value);
    lua_rawset(L, -3);
  }
}

int target_index(lua_State* L) {
  const Check* check = check_of(L);
  if (check == nullptr || lua_type(L, 2) != LUA_TSTRING) return luaL_error(L, "target has no such field");
  const std::string_view key = lua_tostring(L, 2);
  const Subject& subject = check->subject;
  if (key == "id") {
    push_text(L, subject.id);
  } else if (key == "address") {
    if (subject.address.empty()) {
      lua_pushnil(L);
    } else {
      push_text(L, subject.address);
    }
  } else if (key == "addresses") {
    push_list(L, subject.addresses);
  } else if (key == "names") {
    push_list(L, subject.names);
  } else if (key == "tags") {
    push_list(L, subject.tags);
  } else if (key == "groups") {
    push_list(L, subject.groups);
  } else if (key == "owner") {
    push_text(L, subject.owner);
  } else if (key == "params") {
    push_params(L, check->params);
  } else {
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) == LUA_TNIL)
      return luaL_error(L, "target has no field or method `%s`", lua_tostring(L, 2));
  }
  return 1;
}

int target_text(lua_State* L) {
  const Check* check = check_of(L);
  if (check == nullptr) return luaL_error(L, "no target here");
  push_text(L, check->subject.id);
  return 1;
}

int refuse_write(lua_State* L) { return luaL_error(L, "target cannot be changed"); }

}  // namespace

void push_target(lua_State* L) {
  lua_newuserdatauv(L, 0, 0);
  if (luaL_newmetatable(L, target_name) != 0) {
    push_probe_methods(L);
    lua_pushcclosure(L, target_index, 1);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, refuse_write);
    lua_setfield(L, -2, "__newindex");
    lua_pushcfunction(L, target_text);
    lua_setfield(L, -2, "__tostring");
    lua_pushliteral(L, "target");
    lua_setfield(L, -2, "__metatable");
  }
  lua_setmetatable(L, -2);
}

void push_endpoint(lua_State* L) {
  const Check* check = check_of(L);
  if (check == nullptr || !check->endpoint) {
    lua_pushnil(L);
    return;
  }
  lua_createtable(L, 0, 4);
  lua_pushinteger(L, check->endpoint->port);
  lua_setfield(L, -2, "port");
  lua_pushstring(L, name_of(check->endpoint->transport).data());
  lua_setfield(L, -2, "transport");
  const char* texts[] = {"address", "text"};
  for (const char* field : texts) {
    const Value text(*field == 'a' ? format_address(check->endpoint->address) : format_endpoint(*check->endpoint));
    push_value(L, text);
    lua_setfield(L, -2, field);
  }
}

}  // namespace audit::lua

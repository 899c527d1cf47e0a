#include "lua/lib_target.hpp"

#include <iterator>
#include <string_view>

#include "lua/check.hpp"
#include "lua/lib_probe.hpp"
#include "lua/value.hpp"
#include "probe/mail_domain.hpp"

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

void push_text_or_nil(lua_State* L, std::string_view text) {
  if (text.empty()) {
    lua_pushnil(L);
  } else {
    lua_pushlstring(L, text.data(), text.size());
  }
}

struct TargetField {
  std::string_view name;
  void (*push)(lua_State* L, const Check& check);
};

constexpr TargetField fields[] = {
    {"id", [](lua_State* L, const Check& check) { push_text(L, check.subject.id); }},
    {"address", [](lua_State* L, const Check& check) { push_text_or_nil(L, check.subject.address); }},
    {"addresses", [](lua_State* L, const Check& check) { push_list(L, check.subject.addresses); }},
    {"names", [](lua_State* L, const Check& check) { push_list(L, check.subject.names); }},
    {"tags", [](lua_State* L, const Check& check) { push_list(L, check.subject.tags); }},
    {"groups", [](lua_State* L, const Check& check) { push_list(L, check.subject.groups); }},
    {"owner", [](lua_State* L, const Check& check) { push_text(L, check.subject.owner); }},
    {"zone", [](lua_State* L, const Check& check) { push_text(L, check.subject.zone); }},
    {"criticality", [](lua_State* L, const Check& check) { push_text(L, check.subject.criticality); }},
    {"urls", [](lua_State* L, const Check& check) { push_list(L, check.subject.urls); }},
    {"params", [](lua_State* L, const Check& check) { push_params(L, check.params); }},
    {"contact_domain",
     [](lua_State* L, const Check& check) {
       push_text_or_nil(L, probe::mail_domain(check.context.target().services().identity.contact));
     }},
};

struct EndpointField {
  const char* name;
  void (*push)(lua_State* L, const Endpoint& endpoint);
};

constexpr EndpointField endpoint_fields[] = {
    {"port", [](lua_State* L, const Endpoint& endpoint) { lua_pushinteger(L, endpoint.port); }},
    {"transport",
     [](lua_State* L, const Endpoint& endpoint) { lua_pushstring(L, name_of(endpoint.transport).data()); }},
    {"address", [](lua_State* L, const Endpoint& endpoint) { push_value(L, Value(format_address(endpoint.address))); }},
    {"text", [](lua_State* L, const Endpoint& endpoint) { push_value(L, Value(format_endpoint(endpoint))); }},
};

int target_index(lua_State* L) {
  const Check* check = check_of(L);
  if (check == nullptr || lua_type(L, 2) != LUA_TSTRING) return luaL_error(L, "target has no such field");
  const std::string_view key = lua_tostring(L, 2);
  for (const TargetField& field : fields) {
    if (field.name != key) continue;
    field.push(L, *check);
    return 1;
  }
  lua_pushvalue(L, 2);
  if (lua_rawget(L, lua_upvalueindex(1)) == LUA_TNIL)
    return luaL_error(L, "target has no field or method `%s`", lua_tostring(L, 2));
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
  lua_createtable(L, 0, static_cast<int>(std::size(endpoint_fields)));
  for (const EndpointField& field : endpoint_fields) {
    field.push(L, *check->endpoint);
    lua_setfield(L, -2, field.name);
  }
}

std::vector<std::string_view> target_field_names() {
  std::vector<std::string_view> names;
  for (const TargetField& field : fields) names.push_back(field.name);
  return names;
}

std::vector<std::string_view> endpoint_field_names() {
  std::vector<std::string_view> names;
  for (const EndpointField& field : endpoint_fields) names.emplace_back(field.name);
  return names;
}

}  // namespace audit::lua

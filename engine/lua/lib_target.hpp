#pragma once

#include <string_view>
#include <vector>

#include "lua/lua.hpp"

namespace audit::lua {

/// Pushes the `target` of the running check: its data (id, address, addresses, names, tags, groups, owner, zone, criticality, urls, params) and a
/// method for each word of probe/words.cpp, and `connect`.
void push_target(lua_State* L);
/// Pushes the endpoint that the check is about (`scope = "endpoint"`): address, port, transport, text.
void push_endpoint(lua_State* L);
/// What those two have besides methods.
[[nodiscard]] std::vector<std::string_view> target_field_names();
[[nodiscard]] std::vector<std::string_view> endpoint_field_names();

}  // namespace audit::lua

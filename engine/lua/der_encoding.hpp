#pragma once

#include <string_view>

#include "lua/lua.hpp"
#include "proto/der.hpp"

namespace audit::lua {

/// "universal", "application", "context", "private".
[[nodiscard]] std::string_view name_of_class(proto::TagClass tag_class) noexcept;

/// Pushes the DER of a Lua value: an integer, a boolean, a string (OCTET STRING), or a table as der.decode makes them. Raises
/// the rule's mistake with the element's path; no metamethod is called.
void push_der(lua_State* L, int index);

}  // namespace audit::lua

#pragma once

#include <string_view>

#include "lua/lua.hpp"
#include "lua/secret.hpp"
#include "proto/der.hpp"

namespace audit::lua {

/// "universal", "application", "context", "private".
[[nodiscard]] std::string_view name_of_class(proto::TagClass tag_class) noexcept;

/// Pushes the DER of a Lua value: an integer, a boolean, a string (OCTET STRING), or a table as der.decode makes them. Raises
/// the rule's mistake with the element's path; no metamethod is called. A credential stands for an OCTET STRING, or for the
/// text of a `value`; those met are noted in `secrets`, and with `masked` there are asterisks in their place.
void push_der(lua_State* L, int index, Secrets& secrets, bool masked);

}  // namespace audit::lua

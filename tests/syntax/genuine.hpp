#pragma once

extern "C" {
#include <lauxlib.h>
#include <lua.h>
}

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "syntax/parser.hpp"
#include "syntax/scopes.hpp"

namespace audit::syntax {

/// What Lua's own compiler says of a text; "" where it accepts it.
inline std::string complaint_of_lua(std::string_view text) {
  lua_State* L = luaL_newstate();
  std::string complaint;
  if (luaL_loadbufferx(L, text.data(), text.size(), "=text", "t") != LUA_OK) complaint = lua_tostring(L, -1);
  lua_close(L);
  return complaint;
}

/// What ours says.
inline std::optional<SyntaxError> complaint_of_ours(std::string_view text) {
  auto parsed = parse(text);
  if (auto* error = std::get_if<SyntaxError>(&parsed)) return std::move(*error);
  auto resolved = resolve(*std::get<std::unique_ptr<Function>>(parsed));
  if (auto* error = std::get_if<SyntaxError>(&resolved)) return std::move(*error);
  return std::nullopt;
}

/// Is it one of the compiler's own bounds, which are no part of the language?
inline bool is_limit(std::string_view complaint) {
  for (const std::string_view word :
       {"too many", "overflow", "too long", "limit is", "too complex", "not enough memory", "large"})
    if (complaint.find(word) != std::string_view::npos) return true;
  return false;
}

}  // namespace audit::syntax

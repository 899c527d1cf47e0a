#pragma once

#include <string>
#include <vector>

#include "lua/lua.hpp"
#include "lua/rule.hpp"

namespace audit::lua {

/// A mistake in one field of a rule's metadata.
struct FieldMistake {
  std::string field;
  std::string text;
};

/// Reads the table at `index` into a rule's metadata. Raises nothing and runs no Lua.
[[nodiscard]] std::vector<FieldMistake> read_rule_fields(lua_State* L, int index, Rule& rule);

}  // namespace audit::lua

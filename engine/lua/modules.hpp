#pragma once

#include "lua/lua.hpp"
#include "lua/rule.hpp"

namespace audit::lua {

struct Check;

/// `require(name)`: a module of scripts/ or of the rule's own folder, run afresh for each check that asks, so that no
/// state is shared.
void register_require(lua_State* L, int environment, const RuleSet& rules);
/// Drops the modules that a check loaded.
void forget_modules(lua_State* L, const Check& check);

}  // namespace audit::lua

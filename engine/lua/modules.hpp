#pragma once

#include "lua/lua.hpp"
#include "lua/rule.hpp"

namespace audit::lua {

struct Check;

/// `require(name)`: a module of scripts/ or of the rule's own folder, run afresh for each check that asks, so that no
/// state is shared.
void register_require(lua_State* L, int environment, const RuleSet& rules);
/// In a state without checks: what stands beside the file that is read, which has to outlive the state's next call.
struct ModulesBeside {
  const std::map<std::string, std::string>* sources;
  std::string folder;
};
void set_modules_beside(lua_State* L, const ModulesBeside* beside);
/// Drops the modules that a check loaded.
void forget_modules(lua_State* L, const Check& check);

}  // namespace audit::lua

#pragma once

#include <map>
#include <string>
#include <vector>

#include "lua/rule.hpp"
#include "syntax/scopes.hpp"

namespace audit::lua {

/// What stands beside a rule for it to require: Lua files of its folder that are no rules, by name. Found before anything
/// is run, by the names that the rule's text, and theirs, gives to `require`.
struct OwnModules {
  std::map<std::string, std::string> sources;
  std::vector<RuleMistake> mistakes;  // a name that scripts/ has too, a link that leads out of the folder
};

[[nodiscard]] OwnModules find_own_modules(const RuleFile& rule, const std::map<std::string, std::string>& shared);

/// The names that a text gives to `require`, written out, in their order.
[[nodiscard]] std::vector<std::string> required_names(const syntax::Scopes& scopes);

}  // namespace audit::lua

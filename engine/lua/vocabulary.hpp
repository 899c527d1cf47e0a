#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "lua/rule.hpp"

namespace audit::lua {

using Names = std::set<std::string, std::less<>>;

/// The one of `names` that `word` may have been meant as, or "".
[[nodiscard]] std::string nearest_of(const Names& names, std::string_view word);

/// What a rule finds ready, read from a sandbox as rules get it.
struct Vocabulary {
  struct Global {
    bool table = false;
    Names members;  // of a table
  };
  struct Thing {
    Names fields;
    Names methods;
  };
  std::map<std::string, Global, std::less<>> globals;
  Names verdicts;  // the globals that give one
  Thing target;
  Thing endpoint;
  Thing stream;
  Thing run;
  Names collected;  // the fields of what run:each() gives

  [[nodiscard]] static Vocabulary read();
};

/// What a module of `set` returns: the names in its table. None where that is no plain table, or it does not load.
[[nodiscard]] std::optional<Names> members_of_module(const RuleSet& set, const std::string& name);

}  // namespace audit::lua

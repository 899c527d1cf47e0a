#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "syntax/scopes.hpp"

namespace audit::lua {

/// What the text of a rule's file says of the table that it gives to rule(), as far as it is written out.
struct FoundRule {
  std::optional<syntax::Position> at;  // none: there is no such table to be seen
  std::string id;
  const syntax::Function* check = nullptr;
  const syntax::Function* collect = nullptr;
  std::map<std::string, syntax::Position, std::less<>> fields;
};

/// `tree` was resolved.
[[nodiscard]] FoundRule find_rule(const syntax::Function& tree);
/// Of a text; without its functions.
[[nodiscard]] FoundRule find_rule(std::string_view text);

}  // namespace audit::lua

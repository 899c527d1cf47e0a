#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/model.hpp"
#include "base/result.hpp"

namespace audit::core {

/// A boolean expression over rules: `exposure or ssh.* and not severity>=high`. A word is an id, a glob over ids, a
/// family (what stands before the first dot) or a tag; `tag:x` and `id:x` say which; `severity=high`, `severity>=high`.
/// `not` binds before `and` before `or`; parentheses group.
class Selection {
 public:
  /// Error (rule_error): the expression, with where it goes wrong.
  [[nodiscard]] static Result<Selection> parse(std::string_view text);
  [[nodiscard]] bool matches(const RuleRecord& rule) const;
  /// The words that match none of the rules: most likely mistyped.
  [[nodiscard]] std::vector<std::string> unmatched(const std::vector<RuleRecord>& rules) const;

 private:
  struct Node;
  friend class SelectionParser;
  std::shared_ptr<const Node> root_;
};

}  // namespace audit::core

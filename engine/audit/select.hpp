#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/controls.hpp"
#include "base/model.hpp"
#include "base/result.hpp"

namespace audit::core {

/// A boolean expression over rules: `exposure or ssh.* and not severity>=high`. A word is an id, a glob over ids, a
/// family (what stands before the first dot) or a tag; `tag:x` and `id:x` say which; `severity=high`, `severity>=high`;
/// `control:NIST-800-53/CM-7`, both parts globs, or `control:NIST-800-53` for all of it.
/// `not` binds before `and` before `or`; parentheses group.
class Selection {
 public:
  /// Error (rule_error): the expression, with where it goes wrong.
  [[nodiscard]] static Result<Selection> parse(std::string_view text);
  [[nodiscard]] bool matches(const RuleRecord& rule, const Controls& controls = {}) const;
  /// The words that match none of the rules: most likely mistyped.
  [[nodiscard]] std::vector<std::string> unmatched(const std::vector<RuleRecord>& rules,
                                                   const Controls& controls = {}) const;

 private:
  struct Node;
  friend class SelectionParser;
  std::shared_ptr<const Node> root_;
};

}  // namespace audit::core

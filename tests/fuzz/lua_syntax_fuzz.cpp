#include "../syntax/genuine.hpp"
#include "fuzz.hpp"
#include "syntax/flow.hpp"

/// A text is accepted exactly where Lua's own compiler accepts it, its bounds aside; and each that is can be followed.
AUDIT_FUZZ_TARGET(bytes) {
  using namespace audit::syntax;
  const std::string lua = complaint_of_lua(bytes);
  auto parsed = parse(bytes);
  auto* tree = std::get_if<std::unique_ptr<Function>>(&parsed);
  auto resolved = tree != nullptr ? resolve(**tree) : std::variant<Scopes, SyntaxError>(SyntaxError{});
  const auto* scopes = std::get_if<Scopes>(&resolved);
  if (!is_limit(lua)) require(lua.empty() == (scopes != nullptr));
  if (scopes == nullptr) return;
  const FlowWords words{{"pass", "fail"}, {"error"}, {"pass", "fail", "error", "try"}, bytes.size() % 2 == 0};
  const Flow flow = follow(**tree, *scopes, words, scopes->functions.back());
  require(!flow.given_up || (flow.missing.empty() && flow.unreachable.empty()));
}

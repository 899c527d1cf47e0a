#include "../syntax/genuine.hpp"
#include "fuzz.hpp"

/// A text is accepted exactly where Lua's own compiler accepts it, its bounds aside.
AUDIT_FUZZ_TARGET(bytes) {
  using namespace audit::syntax;
  const std::string lua = complaint_of_lua(bytes);
  const auto ours = complaint_of_ours(bytes);
  if (!is_limit(lua)) require(lua.empty() == !ours.has_value());
}

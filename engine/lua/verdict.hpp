#pragma once

#include "lua/check.hpp"

namespace audit::lua {

/// Reasons that no rule may handle: the check ends with them.
[[nodiscard]] bool is_final(Reason reason) noexcept;
/// After `check` returned: exactly one verdict, or the check ends as rule_error.
void settle_verdicts(Check& check);
/// The result of a check that has ended, by its verdict or by its error; the rule's evidence first, then the rest of the
/// record.
[[nodiscard]] Finding conclude_finding(const Check& check);

}  // namespace audit::lua

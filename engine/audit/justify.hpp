#pragma once

#include "lua/machine.hpp"

namespace audit::core {

/// Why a pass cannot rest on what was asked of a target, in words that follow "but "; none where it can, or where nothing
/// was asked.
[[nodiscard]] std::optional<Error> why_no_pass(const std::vector<ObservationPtr>& record, const probe::Target& target);

/// The engine's own look at a verdict of Lua (law: what was not seen is never a pass). A pass or fail of a check that
/// saw nothing becomes rule_error; a pass beside a question that this machine could not ask takes that question's reason;
/// one that leans on a silent port of a host that may be gone becomes not_reviewed.
void justify(lua::Outcome& outcome, const probe::Target& target);

}  // namespace audit::core

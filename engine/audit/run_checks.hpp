#pragma once

#include "audit/gathering.hpp"
#include "audit/plan.hpp"
#include "lua/machine.hpp"

namespace audit::core {

/// The target of a check that is about the whole run.
inline constexpr std::string_view every_target = "*";

/// Judges the run-scope rules over what was collected: one check each, whatever happens on the way (law 1). A pass over
/// an incomplete collection, or over a part of the inventory, becomes not_reviewed; where nothing was collected, no Lua
/// runs. After all targets have ended.
[[nodiscard]] awaitable<RunMessage> judge_run(const Plan& plan, probe::Services& services, lua::Machine& machine,
                                              Gathering& gathering, std::vector<LeftOut> left_out);
/// The same of a run that was stopped: not_reviewed (stopped).
[[nodiscard]] RunMessage unjudged_run(const Plan& plan, Gathering& gathering);

}  // namespace audit::core

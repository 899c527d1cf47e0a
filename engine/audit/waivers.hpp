#pragma once

#include <string>
#include <vector>

#include "base/run_record.hpp"
#include "inventory/inventory.hpp"

namespace audit::core {

/// What reports say of the inventory's waivers, in its order, as they stand on the day of the run's start; nothing is
/// counted yet.
[[nodiscard]] std::vector<WaiverRecord> judge_waivers(const inventory::Inventory& inventory, Day today);

/// Counts in `records` (of judge_waivers) what each waiver names and covers among the checks of one target, and gives a
/// result that waivers in force cover the id of the first. Changes no status. `target` is null for checks of the whole
/// run, which only the pattern "*" names.
void apply_waivers(const std::vector<inventory::Waiver>& waivers, const TargetRecord* target,
                   std::vector<Check>& checks, std::vector<WaiverRecord>& records);

/// Does the waiver's rule, its targets and its endpoint name this result, whatever its status? By the result's endpoint;
/// where it has none by what its evidence was seen at, and else by all addresses of the target: a waiver of one address
/// is none for what is said of several.
[[nodiscard]] bool names(const inventory::Waiver& waiver, const TargetRecord* target, const Check& check,
                         const Finding& result);
/// Is it of a kind that the waiver covers: a failure, or not reviewed since the host did not answer or resolve?
[[nodiscard]] bool covers(const inventory::Waiver& waiver, const Finding& result) noexcept;

/// A mistake for each waiver whose rule matches none of these ids: "file:line:column: …".
[[nodiscard]] std::vector<std::string> waiver_mistakes(const std::vector<inventory::Waiver>& waivers,
                                                       const std::vector<std::string>& rules);

}  // namespace audit::core

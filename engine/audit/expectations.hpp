#pragma once

#include <vector>

#include "audit/port_view.hpp"
#include "inventory/inventory.hpp"

namespace audit::core {

/// The built-in rules, policy.port-missing before policy.port-unexpected.
[[nodiscard]] std::vector<RuleRecord> policy_rules();

/// Every port that `require` names is open on every host of the target.
[[nodiscard]] std::vector<Finding> judge_port_missing(const PortView& view, const inventory::Settings& settings);
/// No port is open within `sweep` that neither `require` nor `allow` names; the verdict says where one looked.
[[nodiscard]] std::vector<Finding> judge_port_unexpected(const PortView& view, const inventory::Settings& settings);

}  // namespace audit::core

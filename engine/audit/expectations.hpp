#pragma once

#include <vector>

#include "audit/port_sight.hpp"
#include "inventory/inventory.hpp"

namespace audit::core {

/// What is expected of the ports of one transport, and how they were seen.
struct PortsJudged {
  const PortWitness& witness;
  const inventory::ExpectedPorts& expected;
  const PortSet& never;
  Severity severity;
};

/// Every port that `require` names is open on every host of the target.
[[nodiscard]] std::vector<Finding> judge_port_missing(const PortsJudged& judged);
/// No port is open within `sweep` that nothing names (a failure, or with `other = "info"` told); ports that are allowed with
/// a reason are told where they are open. The verdict says where one looked.
[[nodiscard]] std::vector<Finding> judge_port_unexpected(const PortsJudged& judged);
/// No port that `deny` names is open.
[[nodiscard]] std::vector<Finding> judge_port_denied(const PortsJudged& judged);

}  // namespace audit::core

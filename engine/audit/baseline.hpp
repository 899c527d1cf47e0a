#pragma once

#include <map>
#include <optional>

#include "audit/plan.hpp"

namespace audit::core {

/// Where `audit baseline` looks; what is absent is the inventory's own: all ports that its expectations name.
struct BaselineOptions {
  std::optional<PortSet> tcp;
  std::optional<PortSet> udp;
  PortSet fallback;  // TCP, where neither says
};

// The rules of such a plan, and the labels of what they tell.
inline constexpr std::string_view baseline_tcp = "baseline.tcp";          // a result for each port that is not closed
inline constexpr std::string_view baseline_udp = "baseline.udp";          // the same
inline constexpr std::string_view baseline_service = "baseline.service";  // a result for each open port, with notes
inline constexpr std::string_view baseline_names = "baseline.names";      // the note `names`, separated by blanks

/// A plan that expects nothing and looks at everything; each result is informational, or says why nothing was seen.
/// `modules`: scripts/, by name.
[[nodiscard]] PlanResult plan_baseline(const inventory::Inventory& inventory,
                                       std::map<std::string, std::string> modules, const BaselineOptions& options,
                                       std::uint64_t seed);

}  // namespace audit::core

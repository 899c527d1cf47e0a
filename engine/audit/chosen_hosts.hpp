#pragma once

#include <utility>
#include <vector>

#include "audit/name_guards.hpp"
#include "audit/plan.hpp"

namespace audit::core {

/// What becomes of the addresses that a name of the inventory leads to: which are asked, and why the others are not.
struct ChosenHosts {
  std::vector<IpAddress> all;                        // canonical, each once
  std::vector<IpAddress> asked;                      // in the order of the answer
  std::vector<IpAddress> excluded;                   // by [scope] exclude, or with the group of a name
  std::vector<std::pair<IpAddress, Error>> refused;  // out_of_scope
  std::vector<IpAddress> left;                       // after the first one, where resolve = "first"
};

/// `name_guards` is null where the names that guard addresses were not resolved.
[[nodiscard]] ChosenHosts choose_hosts(const Plan& plan, const NameGuards* name_guards, const inventory::Entry& entry,
                                       const std::vector<IpAddress>& addresses);

}  // namespace audit::core

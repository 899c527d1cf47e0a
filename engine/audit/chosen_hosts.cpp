#include "audit/chosen_hosts.hpp"

#include <algorithm>

namespace audit::core {
namespace {

/// By [scope] exclude, or with the group of a name.
bool is_excluded(const Plan& plan, const NameGuards* name_guards, const IpAddress& address) {
  return plan.scope.excluded(address) || (name_guards != nullptr && name_guards->excluded(address) != nullptr);
}

}  // namespace

ChosenHosts choose_hosts(const Plan& plan, const NameGuards* name_guards, const inventory::Entry& entry,
                         const std::vector<IpAddress>& addresses) {
  ChosenHosts chosen;
  for (const IpAddress& address : addresses) {
    const IpAddress real = canonical(address);
    if (std::find(chosen.all.begin(), chosen.all.end(), real) != chosen.all.end()) continue;
    chosen.all.push_back(real);
    if (is_excluded(plan, name_guards, real)) {
      chosen.excluded.push_back(real);
    } else if (Result<void> admitted = plan.scope.admit_resolved(real, entry.name); !admitted) {
      chosen.refused.emplace_back(real, admitted.error());
    } else {
      chosen.asked.push_back(real);
    }
  }
  if (entry.settings->first_address && !chosen.asked.empty()) {
    chosen.left.assign(chosen.asked.begin() + 1, chosen.asked.end());
    chosen.asked.resize(1);
  }
  return chosen;
}

}  // namespace audit::core

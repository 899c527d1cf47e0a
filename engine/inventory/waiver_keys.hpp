#pragma once

#include <vector>

#include "inventory/group_graph.hpp"

namespace audit::inventory {

/// Reads [[waivers]]. Whether a rule's glob matches any rule is for whoever knows the rules.
[[nodiscard]] std::vector<Waiver> read_waivers(Mistakes& mistakes, const KeyValue& section, GroupGraph& groups,
                                               const std::vector<Zone>& zones);

}  // namespace audit::inventory

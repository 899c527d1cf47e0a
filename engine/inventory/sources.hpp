#pragma once

#include <vector>

#include "inventory/group_graph.hpp"
#include "inventory/load.hpp"
#include "inventory/notices.hpp"
#include "inventory/targets.hpp"

namespace audit::inventory {

/// Reads [[sources]]: each file, or what each command prints, as tables of targets; what was read goes to the inventory's
/// `sources` and `expanded`. Groups that only Ansible knows are added to `groups`, and say nothing. Of `credentials` nothing
/// is read as a source or stands in a message.
[[nodiscard]] std::vector<SourcedTargets> read_sources(Mistakes& mistakes, Notices& notices, const KeyValue* section,
                                                       GroupGraph& groups, const LoadOptions& options,
                                                       Inventory& inventory,
                                                       const std::vector<CredentialSource>& credentials);

}  // namespace audit::inventory

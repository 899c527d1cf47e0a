#pragma once

#include "inventory/group_graph.hpp"
#include "inventory/inventory.hpp"

namespace audit::inventory {

/// Reads [scope] exclude, once the zones are known: addresses, names, globs, group:NAME, or of one zone alone ZONE/* and
/// ZONE/ with any of these before but a group.
void read_excludes(Mistakes& mistakes, const KeyValue& member, Inventory& inventory);
/// A group that is excluded exists: a slip of the pen would exclude nobody.
void check_excluded_groups(const KeyValue* scope, GroupGraph& groups);
/// Once the targets are known: what a group or a zone takes out. The addresses of excluded groups are excluded wherever else
/// they turn up, in a network or behind a name; a name of a zone has an exclude of its own.
void settle_excludes(Inventory& inventory);

}  // namespace audit::inventory

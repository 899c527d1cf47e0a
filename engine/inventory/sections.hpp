#pragma once

#include "inventory/notices.hpp"
#include "inventory/toml_tree.hpp"

namespace audit::inventory {

/// Reads the whole tree of a file into `inventory`: each top-level key by its own function. What is wrong goes to
/// `mistakes`; the inventory is good only where there are none.
void read_inventory(const NodeTable& root, Mistakes& mistakes, Inventory& inventory, SourceAccess access);

/// [scope] never, where the inventory does not say: raw-printing ports, which print whatever connects to them.
[[nodiscard]] TransportPorts default_never();

}  // namespace audit::inventory

#pragma once

#include "inventory/load.hpp"
#include "inventory/notices.hpp"
#include "inventory/toml_tree.hpp"

namespace audit::inventory {

/// Reads the whole tree of an inventory into `inventory`: each top-level key by its own function. What is wrong goes to
/// `mistakes`; the inventory is good only where there are none.
void read_inventory(const NodeTable& root, const LoadOptions& options, Mistakes& mistakes, Notices& notices,
                    Inventory& inventory);

/// The version of the format that a file is written in; this program reads 1.
void read_schema(Mistakes& mistakes, const KeyValue& member);

/// [scope] never, where the inventory does not say: raw-printing ports, which print whatever connects to them.
[[nodiscard]] TransportPorts default_never();

/// Is it a key that an inventory may have above all tables?
[[nodiscard]] bool is_root_key(std::string_view key);

}  // namespace audit::inventory

#pragma once

#include "inventory/toml_tree.hpp"

namespace audit::inventory {

/// Puts what another file of the inventory says into `root`. Lists of tables, and the lists of [scope] that take something
/// away, follow each other; a key that both files have is a mistake otherwise: an inventory says a thing once.
void unite(Mistakes& mistakes, NodeTable& root, NodeTable&& more);

}  // namespace audit::inventory

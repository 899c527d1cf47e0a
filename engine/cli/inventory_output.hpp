#pragma once

#include <string>

#include "inventory/explain.hpp"

namespace audit::cli {

// What `audit inventory` prints on standard output.

/// One line an entry, then what the scope takes out and a sum.
void print_inventory(const inventory::Inventory& inventory);
/// The same as one JSON object: `inventory`, `groups`, `entries`, `excluded`.
void print_inventory_json(const inventory::Inventory& inventory);
/// Every value that holds for a target, where it is written, and what it overrides.
void print_explained(const std::string& target, const inventory::Membership& membership);
void print_explained_json(const std::string& target, const inventory::Membership& membership);
/// The groups as trees, parents above.
void print_graph(const inventory::Inventory& inventory);
/// The same for Graphviz.
void print_dot(const inventory::Inventory& inventory);

}  // namespace audit::cli

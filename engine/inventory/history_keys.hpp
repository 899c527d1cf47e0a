#pragma once

#include "inventory/inventory.hpp"
#include "inventory/mistakes.hpp"
#include "inventory/toml_tree.hpp"

namespace audit::inventory {

/// Reads [history]: where runs are kept and for how long.
void read_history(Mistakes& mistakes, const NodeTable& table, Inventory& inventory);

/// "500MiB", "2GiB", "64KiB": whole numbers of at least 1 KiB.
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text);

}  // namespace audit::inventory

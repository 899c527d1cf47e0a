#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "inventory/inventory.hpp"
#include "inventory/mistakes.hpp"
#include "inventory/toml_tree.hpp"

namespace audit::inventory {

/// Reads [report]: who may read the files that a run leaves.
void read_report(Mistakes& mistakes, const NodeTable& table, Inventory& inventory);

/// "0640": permission bits as chmod takes them. The owner reads and writes, nobody executes, and not everybody writes: none
/// for anything else.
[[nodiscard]] std::optional<std::uint32_t> parse_file_mode(std::string_view text);
inline constexpr std::string_view file_mode_wanted = "permissions from \"0600\" to \"0664\", such as \"0640\"";

}  // namespace audit::inventory

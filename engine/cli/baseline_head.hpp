#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "inventory/inventory.hpp"

namespace audit::cli {

/// A basic string of TOML, nothing in it that moves a terminal or cannot be seen (law 7).
[[nodiscard]] std::string quoted(std::string_view text);
[[nodiscard]] std::string list_of(const std::vector<std::string>& texts);

/// What the targets of a baseline need to stand alone: scope, limits, zones, the names of the groups. Ports that any target
/// must not be touched at are touched at none.
[[nodiscard]] std::string baseline_head(const inventory::Inventory& inventory);
/// What one target's settings say besides its expectations, so that the baseline treats it as gently as the inventory does.
[[nodiscard]] std::string baseline_settings(const inventory::Settings& settings, const inventory::Inventory& inventory);

}  // namespace audit::cli

#pragma once

#include <vector>

#include "inventory/inventory.hpp"
#include "inventory/read_value.hpp"

namespace audit::inventory {

/// Reads [zones.NAME]: names of letters, digits, - and _; no network is of two zones.
[[nodiscard]] std::vector<Zone> read_zones(Mistakes& mistakes, const KeyValue* section);
/// A zone that an entry writes exists, and its addresses are in it. Mistakes are told at the entry.
void check_zones(Mistakes& mistakes, const std::vector<Zone>& zones, const std::vector<Entry>& entries);

}  // namespace audit::inventory

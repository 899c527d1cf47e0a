#pragma once

#include <string>
#include <vector>

#include "inventory/inventory.hpp"

namespace audit::inventory {

/// Leaves of an inventory what the patterns name, each an address, CIDR, range, name, glob over names, "group:NAME",
/// or one of these in a zone: "ZONE/*", "ZONE/10.1.0.0/24". Of a network that a pattern cuts, the part remains. Returns
/// why a pattern is none, or matches no target: those leave the inventory as it was, so that nothing is asked by mistake.
[[nodiscard]] std::vector<std::string> limit_to(Inventory& inventory, const std::vector<std::string>& patterns,
                                                bool allow_empty);

/// The addresses and networks that entries write; names write none.
[[nodiscard]] std::vector<AddressBlock> written_by(const std::vector<Entry>& entries);

}  // namespace audit::inventory

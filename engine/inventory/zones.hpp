#pragma once

#include <string_view>
#include <vector>

#include "inventory/inventory.hpp"
#include "inventory/read_value.hpp"

namespace audit::inventory {

/// Reads [zones.NAME]: names of letters, digits, - and _; no network is of two zones.
[[nodiscard]] std::vector<Zone> read_zones(Mistakes& mistakes, const KeyValue* section);
/// A zone that an entry writes exists, and its addresses are in it. Mistakes are told at the entry.
void check_zones(Mistakes& mistakes, const std::vector<Zone>& zones, const std::vector<Entry>& entries);
/// The zone that a pattern such as "berlin/10.1.0.0/24" begins with, and its `rest`; null, and `rest` left alone, where it
/// begins with none.
[[nodiscard]] const Zone* zone_before(std::string_view text, const std::vector<Zone>& zones, std::string_view& rest);

/// "hall/10.0.0.1" where there is no zone hall: the complaint, with a zone that may be meant. "" where the text is none of
/// a zone's targets, or the zone is known.
[[nodiscard]] std::string unknown_zone(std::string_view text, const std::vector<Zone>& zones);

}  // namespace audit::inventory

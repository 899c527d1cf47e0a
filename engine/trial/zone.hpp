#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trial/case.hpp"

namespace audit::trial {

using Zone = std::map<std::string, ZoneName>;

/// Reads `dns { ["www.example"] = { A = "10.0.0.1" }, ["gone.example"] = "NXDOMAIN" }` into a zone; an address as a name
/// stands for its reverse name, `["*"]` for all others.
void read_zone(const std::string& place, const Value& table, Zone& zone, std::vector<std::string>& mistakes);
/// Gives a name its addresses, unless the zone says something of it.
void add_addresses(Zone& zone, const std::string& name, const std::vector<std::string>& addresses);
/// What the name server replies to a query (RFC 1035 4.1); nothing where it keeps silent.
[[nodiscard]] std::optional<std::string> answer(const Zone& zone, std::string_view query);

}  // namespace audit::trial

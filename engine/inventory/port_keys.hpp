#pragma once

#include <optional>
#include <vector>

#include "inventory/inventory.hpp"
#include "inventory/read_value.hpp"

namespace audit::inventory {

/// sweep, require and deny: a port, "1-1024", or a list of those. Nothing where anything of it is wrong.
[[nodiscard]] std::optional<PortSet> read_ports(Mistakes& mistakes, const KeyValue& member, Transport transport);
/// allow: as read_ports, with tables { port = 830, why = "CHG-112" } among them.
[[nodiscard]] std::optional<std::vector<AllowedPort>> read_allowed(Mistakes& mistakes, const KeyValue& member,
                                                                   Transport transport);
/// never: a list of "tcp/102", "udp/161-162"; the transport has to be written.
[[nodiscard]] TransportPorts read_never(Mistakes& mistakes, const KeyValue& member);
/// The keys of [services]: a port; its name is the value.
[[nodiscard]] std::optional<std::uint16_t> parse_service_port(std::string_view text);

}  // namespace audit::inventory

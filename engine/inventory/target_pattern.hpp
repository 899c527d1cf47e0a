#pragma once

#include <string_view>

#include "inventory/parsed.hpp"
#include "inventory/zones.hpp"

namespace audit::inventory {

/// "10.0.0.0/24", "sw-*.example.net", "group:switches", "*", and each with one of `zones` before it, "berlin/*"; whether
/// there is such a group is the caller's to see.
[[nodiscard]] Parsed<TargetPattern> parse_target_pattern(std::string_view text, const std::vector<Zone>& zones = {});
/// "tcp/23", "udp/161", "tcp/10.0.0.1:23", "tcp/[2001:db8::1]:443".
[[nodiscard]] Parsed<EndpointPattern> parse_endpoint_pattern(std::string_view text);

}  // namespace audit::inventory

#pragma once

#include <string>
#include <vector>

#include "probe/target.hpp"

namespace audit::probe {

/// Does something answer for every port of a host? Where the sweep found all of three ports or more open, three more that
/// nobody uses (random ones from 49152 up, RFC 6335 6) are asked. One text for each host where those are open too: a
/// tarpit, or a device in front of it that accepts for all. What could not be asked is no sign.
[[nodiscard]] awaitable<std::vector<std::string>> find_tarpits(Target& target);

}  // namespace audit::probe

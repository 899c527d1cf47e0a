#pragma once

#include "probe/target.hpp"

namespace audit::probe {

/// How hosts were looked for besides the sweep.
struct Discovery {
  std::uint32_t echoes = 0;  // sent, all hosts and attempts together
  std::string no_echo;       // why no host could be sent one, "" where one was
};

/// Sweeps a target's ports, and asks each host that it does not find alive at once for an ICMP echo beside it (before it,
/// where a gap has to be kept), until the host shows life or every attempt is spent. `leave_the_dead`: a host that shows none, neither by its first ports,
/// is not asked the others. Never fails: the target knows who lives, and the sweep what was not asked.
[[nodiscard]] awaitable<Discovery> discover(Target& target, std::vector<std::uint16_t> ports, bool leave_the_dead);

}  // namespace audit::probe

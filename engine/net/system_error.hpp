#pragma once

#include <string>

#include "base/ports.hpp"
#include "base/result.hpp"

namespace audit::net {

/// Where an errno came from: the call that starts an operation can only tell of this machine; a later answer on the
/// socket tells of the network or the peer.
enum class FaultSource : std::uint8_t { here, network };

/// The kind of an errno (law 2: what this machine could not do is local_fault, never a state of the peer).
[[nodiscard]] Reason reason_of_errno(int number, FaultSource source) noexcept;
/// May the same call succeed in a moment (descriptors, ports, buffers, memory, a route that flaps)?
[[nodiscard]] bool passing_fault(int number) noexcept;
/// "tcp/10.0.0.1:23: Connection refused", with advice where this machine is at fault.
[[nodiscard]] Error errno_error(int number, FaultSource source, const Endpoint& endpoint);
/// What to do about a fault of this machine; "" where there is no advice.
[[nodiscard]] std::string_view advice_for(int number) noexcept;

}  // namespace audit::net

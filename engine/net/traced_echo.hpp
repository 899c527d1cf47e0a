#pragma once

#include <memory>

#include "net/tracer.hpp"
#include "net/world.hpp"

namespace audit::net {

/// The same exchange of echoes, written down: one line once it has ended, and the payloads as they go and come.
/// Payloads are counted, without the headers of ICMP and IP.
[[nodiscard]] std::unique_ptr<Echo> traced(std::unique_ptr<Echo> echo, World& world, Tracer& tracer);

}  // namespace audit::net

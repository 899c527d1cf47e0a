#pragma once

#include <memory>

#include "net/tracer.hpp"
#include "net/world.hpp"

namespace audit::net {

/// The same conversation, written down: its line once it is closed, its bytes as they come. Within TLS the plain text.
[[nodiscard]] std::unique_ptr<Stream> traced(std::unique_ptr<Stream> stream, World& world, Tracer& tracer,
                                             Duration connect_time);
[[nodiscard]] std::unique_ptr<Datagram> traced(std::unique_ptr<Datagram> datagram, World& world, Tracer& tracer);

/// A port probe whose answer is written down before `sink` hears of it; deletes itself then.
[[nodiscard]] PortSink& traced(PortSink& sink, World& world, Tracer& tracer, const Endpoint& endpoint);

}  // namespace audit::net

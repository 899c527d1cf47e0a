#pragma once

#include <memory>

#include "net/replaying_world.hpp"

namespace audit::net {

/// A conversation as the transcript has it. One that departs from it goes on as another with the same endpoint that was
/// the same so far; where there is none, all that follows is not_recorded.
[[nodiscard]] std::unique_ptr<Stream> replayed_stream(ReplayingWorld& world, Kept& kept);
[[nodiscard]] std::unique_ptr<Datagram> replayed_datagram(ReplayingWorld& world, Kept& kept);
[[nodiscard]] std::unique_ptr<Echo> replayed_echo(ReplayingWorld& world, Kept& kept, std::size_t size);

}  // namespace audit::net

#pragma once

#include <memory>

#include "net/recording_world.hpp"

namespace audit::net {

/// The same conversation, written down when it ends; `exchange` holds its opening.
[[nodiscard]] std::unique_ptr<Stream> recorded(RecordingWorld& world, std::unique_ptr<Stream> stream,
                                               Exchange exchange);
[[nodiscard]] std::unique_ptr<Datagram> recorded(RecordingWorld& world, std::unique_ptr<Datagram> datagram,
                                                 Exchange exchange);
[[nodiscard]] std::unique_ptr<Echo> recorded(RecordingWorld& world, std::unique_ptr<Echo> echo, Exchange exchange);

}  // namespace audit::net

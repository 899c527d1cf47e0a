#pragma once

#include <memory>

#include "net/stream.hpp"
#include "net/stream_socket.hpp"
#include "net/tls_engine.hpp"
#include "net/waiting.hpp"

namespace audit::net {

/// A stream over this machine's sockets. It holds its place among the descriptors until it is closed, and is outlived by
/// its shard's TLS client and its set of sockets.
[[nodiscard]] awaitable<Result<std::unique_ptr<Stream>>> connect_kernel_stream(StreamSockets& sockets, TlsClient& tls,
                                                                               Endpoint to, Instant deadline,
                                                                               Place place);

/// The same over a connection that a port probe opened in `took`: the descriptor is the stream's from now on. Null where
/// this machine cannot listen to it; the descriptor is the caller's as before then.
[[nodiscard]] std::unique_ptr<Stream> adopt_kernel_stream(StreamSockets& sockets, TlsClient& tls, int descriptor,
                                                          const Endpoint& local, const Endpoint& to, Duration took,
                                                          Place place);

}  // namespace audit::net

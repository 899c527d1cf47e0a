#pragma once

#include <memory>

#include "net/stream.hpp"
#include "net/tls_engine.hpp"
#include "net/waiting.hpp"

namespace audit::net {

/// A stream over this machine's sockets. It holds its place among the descriptors until it is closed, and is outlived by
/// its shard's TLS client.
[[nodiscard]] awaitable<Result<std::unique_ptr<Stream>>> connect_kernel_stream(asio::io_context& io,
                                                                               DeadlineList& deadlines, TlsClient& tls,
                                                                               Endpoint to, Instant deadline,
                                                                               Place place);

}  // namespace audit::net

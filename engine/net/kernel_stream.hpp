#pragma once

#include <memory>

#include "net/stream.hpp"
#include "net/tls_engine.hpp"
#include "net/waiting.hpp"

namespace audit::net {

/// Streams and datagrams over this machine's sockets. Each holds its place among the descriptors until it is closed, and
/// is outlived by its shard's TLS client.
[[nodiscard]] awaitable<Result<std::unique_ptr<Stream>>> connect_kernel_stream(asio::io_context& io,
                                                                               DeadlineList& deadlines, TlsClient& tls,
                                                                               Endpoint to, Instant deadline,
                                                                               Place place);
[[nodiscard]] Result<std::unique_ptr<Datagram>> open_kernel_datagram(asio::io_context& io, DeadlineList& deadlines,
                                                                     const Endpoint& to, Place place);

}  // namespace audit::net

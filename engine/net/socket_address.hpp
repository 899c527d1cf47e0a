#pragma once

#include <sys/socket.h>

#include "base/ports.hpp"

namespace audit::net {

/// An address and port in the form that the kernel takes.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;

  [[nodiscard]] const sockaddr* get() const noexcept;
  [[nodiscard]] sockaddr* get() noexcept;
};

[[nodiscard]] SocketAddress to_socket_address(const Endpoint& endpoint) noexcept;
[[nodiscard]] Endpoint from_socket_address(const SocketAddress& address, Transport transport) noexcept;
/// Both ends of a connected socket; an end that the kernel does not tell stays as it was.
[[nodiscard]] Endpoint local_end(int descriptor, Transport transport) noexcept;
/// Did a TCP socket connect to itself (RFC 9293 simultaneous open on loopback)? Then nobody listens there.
[[nodiscard]] bool is_itself(const Endpoint& local, const Endpoint& remote) noexcept;

/// From now on a close sends a reset. Only where no data matters.
void make_abrupt(int descriptor) noexcept;

}  // namespace audit::net

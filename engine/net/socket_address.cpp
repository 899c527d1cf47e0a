#include "net/socket_address.hpp"

#include <netinet/in.h>

#include <cstring>

namespace audit::net {

const sockaddr* SocketAddress::get() const noexcept {
  return static_cast<const sockaddr*>(static_cast<const void*>(&storage));
}
sockaddr* SocketAddress::get() noexcept { return static_cast<sockaddr*>(static_cast<void*>(&storage)); }

SocketAddress to_socket_address(const Endpoint& endpoint) noexcept {
  SocketAddress address;
  if (endpoint.address.family == Family::v4) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(endpoint.port);
    std::memcpy(&v4.sin_addr, endpoint.address.bytes.data(), 4);
    std::memcpy(&address.storage, &v4, sizeof v4);
    address.length = sizeof v4;
  } else {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(endpoint.port);
    v6.sin6_scope_id = endpoint.address.zone;
    std::memcpy(&v6.sin6_addr, endpoint.address.bytes.data(), 16);
    std::memcpy(&address.storage, &v6, sizeof v6);
    address.length = sizeof v6;
  }
  return address;
}

Endpoint from_socket_address(const SocketAddress& address, Transport transport) noexcept {
  Endpoint endpoint;
  endpoint.transport = transport;
  if (address.storage.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address.storage, sizeof v4);
    endpoint.port = ntohs(v4.sin_port);
    std::memcpy(endpoint.address.bytes.data(), &v4.sin_addr, 4);
  } else if (address.storage.ss_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address.storage, sizeof v6);
    endpoint.port = ntohs(v6.sin6_port);
    endpoint.address.family = Family::v6;
    endpoint.address.zone = v6.sin6_scope_id;
    std::memcpy(endpoint.address.bytes.data(), &v6.sin6_addr, 16);
  }
  return endpoint;
}

Endpoint local_end(int descriptor, Transport transport) noexcept {
  SocketAddress address;
  address.length = sizeof address.storage;
  Endpoint none;
  none.transport = transport;
  if (getsockname(descriptor, address.get(), &address.length) != 0) return none;
  return from_socket_address(address, transport);
}

bool is_itself(const Endpoint& local, const Endpoint& remote) noexcept {
  return local.port == remote.port && local.address == remote.address;
}

void make_abrupt(int descriptor) noexcept {
  const linger abort{1, 0};
  setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
}

}  // namespace audit::net

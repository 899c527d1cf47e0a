#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <string>

#include "net/socket_address.hpp"
#include "playing.hpp"

namespace audit::test {

/// A plain socket of the test's own, closed with it.
class Plain {
 public:
  explicit Plain(int descriptor) : descriptor_(descriptor) { REQUIRE(descriptor_ >= 0); }
  Plain(Plain&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Plain& operator=(Plain&&) = delete;
  ~Plain() { end(); }

  [[nodiscard]] int get() const { return descriptor_; }
  void end() {
    if (descriptor_ >= 0) close(std::exchange(descriptor_, -1));
  }
  /// Ends with a RST.
  void reset() {
    const linger abort{1, 0};
    setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
    end();
  }
  void say(std::string_view bytes) const { REQUIRE(send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL) > 0); }
  [[nodiscard]] std::string hear() const {
    std::array<char, 4'096> buffer;
    const ssize_t got = recv(descriptor_, buffer.data(), buffer.size(), 0);
    return got > 0 ? std::string(buffer.data(), static_cast<std::size_t>(got)) : std::string();
  }

 private:
  int descriptor_;
};

inline Plain bound(const std::string& address, std::uint16_t port, int type) {
  const Endpoint wanted = tcp(address, port);
  Plain socket(::socket(wanted.address.family == Family::v4 ? AF_INET : AF_INET6, type | SOCK_CLOEXEC, 0));
  const net::SocketAddress at = net::to_socket_address(wanted);
  REQUIRE(bind(socket.get(), at.get(), at.length) == 0);
  return socket;
}

/// A TCP port that accepts when it is told to.
struct Listener {
  explicit Listener(const std::string& address = "127.0.0.1", std::uint16_t port = 0, int backlog = 64)
      : socket(bound(address, port, SOCK_STREAM)) {
    REQUIRE(listen(socket.get(), backlog) == 0);
    at = net::local_end(socket.get(), Transport::tcp);
  }
  [[nodiscard]] Plain take() const { return Plain(accept4(socket.get(), nullptr, nullptr, SOCK_CLOEXEC)); }

  Plain socket;
  Endpoint at;
};

/// A port of loopback where nobody listens: it was free a moment ago.
inline Endpoint vacant(const std::string& address = "127.0.0.1") {
  const Plain socket = bound(address, 0, SOCK_STREAM);
  return net::local_end(socket.get(), Transport::tcp);
}

}  // namespace audit::test

#pragma once

#include <optional>
#include <string>

#include "net/echo_socket.hpp"

namespace audit::net {

class World;

/// A shard's way to send echoes: its sockets, one a family.
class KernelEchoes {
 public:
  KernelEchoes(World& world, asio::io_context& io) : world_(world), io_(io) {}

  /// Errors: local_fault.
  [[nodiscard]] Result<std::unique_ptr<Echo>> open(const IpAddress& to, std::size_t size);
  /// Why this machine gives no ICMP socket of a family at all; "" where it does, or nobody asked yet.
  [[nodiscard]] const std::string& why_not(Family family) const noexcept {
    return why_not_[static_cast<std::size_t>(family)];
  }

 private:
  World& world_;
  asio::io_context& io_;
  std::optional<EchoSocket> sockets_[2];  // by Family
  std::string why_not_[2];
};

}  // namespace audit::net

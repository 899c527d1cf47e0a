#pragma once

#include <array>
#include <asio/steady_timer.hpp>
#include <memory>

#include "net/kernel_echo.hpp"
#include "net/port_lanes.hpp"
#include "net/stream_socket.hpp"
#include "net/tls_engine.hpp"
#include "net/waiting.hpp"
#include "net/world.hpp"

namespace audit::net {

/// A shard's share of the process's descriptors.
struct KernelShare {
  std::uint32_t port_lanes = 256;    // port probes in flight
  std::uint32_t conversations = 64;  // streams and datagrams open at once

  KernelShare() = default;
  KernelShare(std::uint32_t lanes, std::uint32_t talks) : port_lanes(lanes), conversations(talks) {}
};

/// The real network, clock and randomness of this machine.
class KernelWorld final : public World {
 public:
  KernelWorld(asio::io_context& io, KernelShare share);
  ~KernelWorld() override;

  [[nodiscard]] Instant now() const override;
  [[nodiscard]] WallTime wall() const override;
  void random(std::span<std::uint8_t> bytes) override;
  [[nodiscard]] bool port_lane_free() const override { return lanes_.free(); }
  [[nodiscard]] std::string why_no_echo(Family family) const override { return echoes_.why_not(family); }
  [[nodiscard]] awaitable<Result<std::vector<IpAddress>>> look_up(std::string name, Instant deadline) override;

 protected:
  [[nodiscard]] awaitable<Result<std::unique_ptr<Stream>>> do_connect(Endpoint to, Instant deadline) override;
  [[nodiscard]] awaitable<Result<std::unique_ptr<Datagram>>> do_open_datagram(Endpoint to, Instant deadline) override;
  [[nodiscard]] Result<std::unique_ptr<Echo>> do_open_echo(const IpAddress& to, std::size_t size) override {
    return echoes_.open(to, size);
  }
  /// The greater part is always there for who needs one now.
  [[nodiscard]] std::uint32_t do_idle_sockets() const override { return conversations_at_once_ / 4; }
  void do_probe_port(PortSink& sink, std::uint32_t token, const Endpoint& to, Instant deadline,
                     KeptConnections* kept) override;

 private:
  void follow(Instant when);
  /// A connection of a lane as a conversation, if there is a place for one that nobody asked for yet; else null.
  [[nodiscard]] std::unique_ptr<Stream> adopt(int descriptor, const Endpoint& local, const Endpoint& remote,
                                              Duration took);
  /// One place among the conversations. Errors: local_fault, stopped.
  [[nodiscard]] awaitable<Result<void>> take_place(Endpoint to, Instant deadline);

  asio::steady_timer timer_;
  std::array<std::uint8_t, 256> noise_{};  // not given out yet
  std::size_t noise_left_ = 0;
  Instant armed_ = never;
  std::uint32_t conversations_at_once_;
  Semaphore conversations_;
  Semaphore look_ups_;
  StreamSockets sockets_;
  PortLanes lanes_;
  TlsClient tls_;
  KernelEchoes echoes_;
};

}  // namespace audit::net

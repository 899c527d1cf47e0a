#pragma once

#include <asio/posix/stream_descriptor.hpp>
#include <memory>
#include <string>
#include <unordered_map>

#include "net/echo.hpp"
#include "net/icmp_queue.hpp"

namespace audit::net {

/// Hears of what came for one request.
class EchoListener {
 public:
  virtual void replied(std::uint16_t sequence, const IpAddress& from, std::string_view payload) = 0;
  virtual void refused(std::uint16_t sequence, const IcmpError& icmp) = 0;

 protected:
  ~EchoListener() = default;
};

/// The one socket of a shard for all echoes of a family, told apart by sequence: a ping socket, else a raw one. It is
/// opened with the first echo, and waits for input only while somebody listens, so that the io_context can run dry.
class EchoSocket {
 public:
  EchoSocket(asio::io_context& io, Family family, std::uint16_t first_sequence, std::uint16_t wanted_id);

  /// errno, or 0: opened, now or before. EACCES, EPERM and EPROTONOSUPPORT will not pass.
  [[nodiscard]] int open();
  [[nodiscard]] EchoMethod method() const noexcept { return method_; }

  /// A sequence of its own for a request, kept until it is released; nothing where all are taken.
  [[nodiscard]] std::optional<std::uint16_t> reserve(EchoListener& listener);
  void release(std::uint16_t sequence);
  /// errno, or 0.
  [[nodiscard]] int send(const IpAddress& to, std::uint16_t sequence, std::string_view payload);

 private:
  [[nodiscard]] int open_ping();
  [[nodiscard]] int open_raw();
  void adopt(int descriptor, EchoMethod method);
  void listen();
  void rest();
  void drain();
  void drain_errors();
  void hear(const IpAddress& from, std::string_view bytes);

  asio::posix::stream_descriptor socket_;
  const Family family_;
  EchoMethod method_ = EchoMethod::icmp;
  std::uint16_t id_;
  std::uint16_t next_;
  std::unordered_map<std::uint16_t, EchoListener*> requests_;
  bool listening_ = false;
  std::uint32_t turn_ = 0;  // of listening; an answer to an earlier one is passed over
};

}  // namespace audit::net

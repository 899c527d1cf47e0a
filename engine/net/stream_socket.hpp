#pragma once

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "net/descriptor_set.hpp"
#include "net/waiting.hpp"

namespace audit::net {

class StreamSocket;

/// Where the sockets of a shard's conversations wait. Outlives them.
class StreamSockets {
 public:
  StreamSockets(asio::io_context& io, DeadlineList& deadlines);

 private:
  friend class StreamSocket;
  struct Slot {
    StreamSocket* socket = nullptr;
    std::uint32_t turn = 0;  // how many had the slot before: an event of one of those is passed over
  };

  [[nodiscard]] std::uint32_t take_slot();
  void seen(std::uint64_t tag, std::uint32_t events);

  DeadlineList& deadlines_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> idle_;  // slots
  DescriptorSet set_;
};

/// A TCP socket that does not block. It waits edge-triggered (epoll(7)): what was told once is remembered until the system
/// says EAGAIN. Moved only while nobody waits.
class StreamSocket {
 public:
  explicit StreamSocket(StreamSockets& sockets) : sockets_(&sockets) {}
  StreamSocket(StreamSocket&& other) noexcept;
  StreamSocket& operator=(StreamSocket&&) = delete;
  ~StreamSocket() { close(); }

  enum class Stage : std::uint8_t { connecting, connected };
  /// Takes over a descriptor. errno, or 0: where it is not 0, the descriptor is the caller's as before.
  [[nodiscard]] int assign(int descriptor, Stage stage);
  [[nodiscard]] bool is_open() const noexcept { return descriptor_ >= 0; }
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

  /// As recv(2) and send(2): -1 with errno.
  [[nodiscard]] ssize_t receive(std::span<char> buffer) noexcept;
  [[nodiscard]] ssize_t send(std::string_view bytes) noexcept;

  /// Until it may be worth another try, at once where it may be already, or the socket is closed.
  [[nodiscard]] awaitable<Wake> until_readable(Instant deadline);
  [[nodiscard]] awaitable<Wake> until_writable(Instant deadline);
  /// Until others of the shard had a turn, however much there is to read.
  [[nodiscard]] awaitable<Wake> next_turn(Instant deadline);

  void close();

 private:
  friend class StreamSockets;
  struct Waiter {
    Waiter(DeadlineList& deadlines, std::uint32_t events) : sleeper(deadlines), what(events) {}
    Sleeper sleeper;
    std::uint32_t what;
    Waiter* next = nullptr;
  };

  [[nodiscard]] awaitable<Wake> until(std::uint32_t what, Instant deadline);
  /// What a wait ends with that would begin now; signalled where it may begin.
  [[nodiscard]] Wake may_wait(Instant deadline) const;
  void seen(std::uint32_t events);
  [[nodiscard]] bool leave(const Waiter& waiter) noexcept;
  [[nodiscard]] std::uint64_t tag() const noexcept;

  StreamSockets* sockets_;
  int descriptor_ = -1;
  std::uint32_t slot_ = 0;
  std::uint32_t watched_ = 0;  // epoll_ctl(2)'s bits
  std::uint32_t ready_ = 0;    // EPOLLIN and EPOLLOUT: told of, and not denied since
  Waiter* waiters_ = nullptr;
};

}  // namespace audit::net

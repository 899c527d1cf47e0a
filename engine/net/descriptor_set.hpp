#pragma once

#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <cstdint>
#include <functional>

namespace audit::net {

/// Descriptors in an epoll set of their own, of which the io_context sees one: thousands of events cost one wake, and while
/// others wait a further wait costs no call of the system. Lives on its shard's thread.
class DescriptorSet {
 public:
  /// Told of every event: the tag of its descriptor, and epoll_ctl(2)'s bits. Adds and removes descriptors as it likes.
  using Seen = std::function<void(std::uint64_t tag, std::uint32_t events)>;

  DescriptorSet(asio::io_context& io, Seen seen);

  /// errno, or 0.
  [[nodiscard]] int add(int descriptor, std::uint32_t events, std::uint64_t tag) noexcept;
  [[nodiscard]] int change(int descriptor, std::uint32_t events, std::uint64_t tag) noexcept;
  void remove(int descriptor) noexcept;

  /// One more waits for an event: as long as anybody does, the io_context has something to do.
  void begin_wait();
  void end_wait();

 private:
  void listen();
  void drain();

  asio::posix::stream_descriptor set_;
  Seen seen_;
  std::uint32_t waiting_ = 0;
  bool listening_ = false;
  std::uint32_t turn_ = 0;  // of listening; an answer to an earlier one is passed over
};

}  // namespace audit::net

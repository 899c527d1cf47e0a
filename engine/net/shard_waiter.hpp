#pragma once

#include <memory>

#include "net/waiting.hpp"
#include "net/world.hpp"

namespace audit::net {

/// A coroutine asleep on its own shard, whose io_context it keeps running; woken from any thread.
class ShardWaiter : public std::enable_shared_from_this<ShardWaiter> {
 public:
  explicit ShardWaiter(World& world) : io_(world.io()), work_(io_.get_executor()), event_(world.deadlines()) {}

  /// On its own shard, once.
  [[nodiscard]] awaitable<Wake> wait(Instant deadline) { return event_.wait(deadline); }
  void wake() {
    asio::post(io_, [self = shared_from_this()] { self->event_.happen(); });
  }

 private:
  asio::io_context& io_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  Event event_;  // of the shard's thread alone
};

}  // namespace audit::net

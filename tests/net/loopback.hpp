#pragma once

#include "net/kernel_world.hpp"
#include "peers.hpp"

namespace audit::test {

/// The kernel's world, and one listener on loopback.
struct Loopback {
  Loopback() : world(io, net::KernelShare(8, 8)) {}

  [[nodiscard]] Instant in(Duration duration) const { return world.now() + duration; }
  [[nodiscard]] awaitable<std::unique_ptr<net::Stream>> connect() {
    Result<std::unique_ptr<net::Stream>> stream = co_await world.connect(listener.at, permit, in(5s));
    REQUIRE(stream);
    co_return std::move(*stream);
  }
  template <class Task>
  void run(Task& task) {
    start(io, task);
    io.run_for(20s);  // a test that needs so long has failed
    CHECK(io.stopped());
  }

  asio::io_context io{1};
  net::KernelWorld world;
  Listener listener;
  net::Permit permit = allow("127.0.0.1");
};

}  // namespace audit::test

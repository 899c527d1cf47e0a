#pragma once

#include <asio/co_spawn.hpp>
#include <exception>
#include <string>

#include "base/ports.hpp"
#include "net/prefix_limit.hpp"
#include "net/scripted_world.hpp"

namespace audit::test {

using namespace std::chrono_literals;

inline IpAddress ip(const std::string& text) { return parse_address(text).value(); }

inline Endpoint tcp(const std::string& address, std::uint16_t port) {
  Endpoint endpoint;
  endpoint.address = ip(address);
  endpoint.port = port;
  return endpoint;
}

inline Endpoint udp(const std::string& address, std::uint16_t port) {
  Endpoint endpoint = tcp(address, port);
  endpoint.transport = Transport::udp;
  return endpoint;
}

inline net::Permit allow(const std::string& address) {
  std::vector<IpAddress> hosts(1, ip(address));
  return {std::move(hosts), TransportPorts()};
}

/// Starts a coroutine lambda, which must outlive it. What it throws, the test meets.
template <class Task>
void start(asio::io_context& io, Task& task) {
  asio::co_spawn(io, task(), [](const std::exception_ptr& failure) {
    if (failure) std::rethrow_exception(failure);
  });
}

/// Starts a coroutine lambda and runs the scripted world to its end.
template <class Task>
void play(net::ScriptedWorld& world, Task& task) {
  start(world.io(), task);
  world.run();
}

/// A scripted world with one peer at 10.0.0.1, which it may be asked about.
struct Stage {
  explicit Stage(std::uint64_t seed = 1) : world(io, seed) {}

  void peer(std::uint16_t port, std::vector<net::ScriptStep> steps) {
    net::ScriptedPort behaviour;
    behaviour.steps = std::move(steps);
    world.port(tcp("10.0.0.1", port), std::move(behaviour));
  }
  [[nodiscard]] Instant in(Duration duration) const { return world.now() + duration; }

  asio::io_context io;
  net::ScriptedWorld world;
  net::Permit permit = allow("10.0.0.1");
};

/// A place for a conversation, as a shard holds it; null where there is none now.
inline std::shared_ptr<void> hold(net::PrefixLimit& limit, net::PrefixLimit::Count& count) {
  if (!limit.try_take(count)) return nullptr;
  return {&count, [](net::PrefixLimit::Count* held) { net::PrefixLimit::give_back(*held); }};
}
inline std::shared_ptr<void> hold(net::PrefixLimit& limit, const IpAddress& address) {
  return hold(limit, limit.count_of(address));
}

}  // namespace audit::test

#pragma once

#include <catch2/catch.hpp>

#include <algorithm>

#include "../net/playing.hpp"
#include "probe/sweep.hpp"

namespace audit::test {

/// A shard's sweeper in a scripted world.
struct Sweeping : Stage {
  explicit Sweeping(double per_second = 1e6, std::uint64_t seed = 1)
      : Stage(seed), rate(per_second), lease(rate), sweeper(world, lease, counters) {}

  void behave(const std::string& address, std::uint16_t port, net::PortEvent event, Duration round_trip = 1ms,
              std::uint32_t faults = 0) {
    net::ScriptedPort behaviour;
    behaviour.event = event;
    behaviour.round_trip = round_trip;
    behaviour.faults_first = faults;
    world.port(tcp(address, port), std::move(behaviour));
  }
  void run(probe::Sweep& sweep) {
    bool ended = false;
    auto task = [&]() -> awaitable<void> {
      co_await sweeper.run(sweep);
      ended = true;
    };
    play(world, task);
    REQUIRE(ended);
  }
  [[nodiscard]] std::ptrdiff_t sent_to(const Endpoint& endpoint) const {
    return std::count_if(world.sent().begin(), world.sent().end(),
                         [&](const auto& sent) { return sent.to == endpoint; });
  }

  net::Rate rate;
  net::RateLease lease;
  ProbeCounters counters;
  probe::Sweeper sweeper;
};

inline std::vector<IpAddress> hosts(std::initializer_list<const char*> addresses) {
  std::vector<IpAddress> all;
  for (const char* address : addresses) all.push_back(ip(address));
  return all;
}

inline std::vector<std::uint16_t> range(std::uint16_t from, std::uint16_t to) {
  std::vector<std::uint16_t> ports;
  for (std::uint32_t port = from; port <= to; ++port) ports.push_back(static_cast<std::uint16_t>(port));
  return ports;
}

}  // namespace audit::test

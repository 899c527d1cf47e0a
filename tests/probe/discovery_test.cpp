#include "probe/discovery.hpp"
#include "probing.hpp"

using namespace audit;
using namespace audit::net;
using namespace audit::probe;
using namespace audit::test;

namespace {

/// Looks for life on `ports` ports, from 1000 up.
Discovery look(Probing& probing, std::uint16_t ports, bool leave_the_dead) {
  std::vector<std::uint16_t> list;
  for (std::uint16_t i = 0; i < ports; ++i) list.push_back(static_cast<std::uint16_t>(1'000 + i));
  Discovery found;
  auto task = [&]() -> awaitable<void> { found = co_await discover(probing.target, std::move(list), leave_the_dead); };
  play(probing.world, task);
  return found;
}

std::size_t in_state(const Probing& probing, Reason state) {
  const Sweep& sweep = *probing.target.swept();
  std::size_t count = 0;
  for (std::size_t port = 0; port < sweep.ports().size(); ++port)
    for (std::size_t host = 0; host < sweep.hosts().size(); ++host)
      if (sweep.state(host, port).state == state) ++count;
  return count;
}

}  // namespace

TEST_CASE("a host whose ports are all silent lives if it answers an echo, at the last attempt too") {
  Probing probing;
  ScriptedEcho script;
  script.lost_first = 2;
  probing.world.echoes(ip("10.0.0.1"), script);
  const Discovery found = look(probing, 2, true);
  CHECK(found.echoes == 3);
  CHECK(probing.target.alive(ip("10.0.0.1")));
  CHECK(probing.target.life_of(ip("10.0.0.1")) == "answered ICMP echo in 1.0 ms");
  CHECK(in_state(probing, Reason::filtered) == 2);
}

TEST_CASE("a host that answers a port at once is waited for no longer, and sent no echo") {
  Probing probing;
  probing.world.host(ip("10.0.0.1"));
  const Instant began = probing.world.now();
  const Discovery found = look(probing, 2, true);
  CHECK(found.echoes == 0);
  CHECK(probing.world.now() - began < 10ms);
  CHECK(probing.target.life_of(ip("10.0.0.1")) == "answered tcp/1000 (RST) in 1.0 ms");
}

TEST_CASE("a silent host is asked its first ports, and the rest only if it is not to be left") {
  Probing left;
  const Instant began = left.world.now();
  CHECK(look(left, 5'000, true).echoes == 3);
  CHECK(left.world.sent().size() == 64 * 3);
  CHECK(in_state(left, Reason::filtered) == 64);
  CHECK(in_state(left, Reason::unreachable) == 5'000 - 64);
  CHECK(left.world.now() - began < 10s);
  Probing kept;
  look(kept, 5'000, false);
  CHECK(kept.world.sent().size() == 5'000 * 3);
  CHECK(in_state(kept, Reason::filtered) == 5'000);
}

TEST_CASE("a host that answers echoes alone is asked every port") {
  Probing probing;
  ScriptedEcho script;
  script.lost_first = 2;  // the answer comes when the first ports are nearly spent
  probing.world.echoes(ip("10.0.0.1"), script);
  look(probing, 1'000, true);
  CHECK(in_state(probing, Reason::filtered) == 1'000);
}

TEST_CASE("a host that answers on one of the likely ports is asked every port, however many are silent before it") {
  Probing probing;
  std::vector<std::uint16_t> ports;
  for (std::uint16_t port = 1; port <= 9'000; ++port) ports.push_back(port);
  ScriptedPort open;
  probing.world.port(tcp("10.0.0.1", 8'443), open);
  auto task = [&]() -> awaitable<void> { co_await discover(probing.target, std::move(ports), true); };
  play(probing.world, task);
  CHECK(in_state(probing, Reason::open) == 1);
  CHECK(in_state(probing, Reason::filtered) == 8'999);
}

TEST_CASE("regression: a host that has no port to be asked is sent its echoes once, not twice") {
  Probing probing;
  CHECK(look(probing, 0, true).echoes == 3);
  CHECK(probing.world.echoed().size() == 3);
}

TEST_CASE("of two hosts the dead one is left and the living one asked everything") {
  Probing probing({"10.0.0.1", "10.0.0.2"});
  probing.world.host(ip("10.0.0.2"));
  CHECK(look(probing, 500, true).echoes == 3);
  CHECK(in_state(probing, Reason::closed) == 500);
  CHECK(in_state(probing, Reason::filtered) == 64);
  CHECK(in_state(probing, Reason::unreachable) == 436);
}

TEST_CASE("with a gap the echoes come first, and everything keeps it") {
  TargetLimits limits;
  limits.gap = 1s;
  limits.attempts = 2;
  Probing probing({"10.0.0.1"}, limits);
  probing.world.host(ip("10.0.0.1"));
  const Instant began = probing.world.now();
  const Discovery found = look(probing, 3, true);
  CHECK(found.echoes == 2);
  CHECK(probing.world.now() - began >= 4s);
}

TEST_CASE("without ICMP sockets the sweep alone looks for life, and the reason is told") {
  Probing probing;
  probing.world.no_echo("no ICMP socket: denied");
  const Discovery found = look(probing, 100, true);
  CHECK(found.echoes == 0);
  CHECK(found.no_echo == "no ICMP socket: denied");
  CHECK(in_state(probing, Reason::unreachable) == 36);
}

TEST_CASE("a stop ends the search and the sweep, each port as stopped") {
  Probing probing;
  auto stop = [&]() -> awaitable<void> {
    Sleeper sleeper(probing.world.deadlines());
    co_await sleeper.sleep(probing.in(1s));
    probing.world.stop();
  };
  start(probing.io, stop);
  look(probing, 500, true);
  CHECK(in_state(probing, Reason::stopped) == 500);
}

#include "probing.hpp"

using namespace audit;
using namespace audit::net;
using namespace audit::probe;
using namespace audit::test;

namespace {

constexpr auto everything = PrefixLimit::Bounds::everything;

std::vector<std::uint16_t> ports(std::uint16_t count) {
  std::vector<std::uint16_t> all;
  for (std::uint16_t port = 1; port <= count; ++port) all.push_back(port);
  return all;
}

/// Targets of one /24, each of which leaves its port 1 unanswered and refuses the others after `round_trip`.
struct Subnet : Probing {
  Subnet(std::uint32_t most, int targets_in, PrefixLimit::Bounds bounds = everything) : prefixes(most, bounds) {
    services.prefixes = &prefixes;
    world.lanes(100'000);
    for (int i = 1; i <= targets_in; ++i) {
      const std::string address = "10.0.0." + std::to_string(i);
      for (const std::uint16_t port : ports(20)) {
        ScriptedPort behaviour;
        behaviour.event = port == 1 ? PortEvent::silent : PortEvent::closed;
        behaviour.round_trip = 10ms;
        world.port(tcp(address, port), std::move(behaviour));
      }
      targets.push_back(std::make_unique<Target>(services, address, "", permit_of({address}), TargetLimits()));
    }
  }

  /// Starts the sweep of every target.
  void sweep_all() {
    for (const std::unique_ptr<Target>& one : targets)
      asio::co_spawn(io, one->sweep(ports(20)), [this](const std::exception_ptr& failure) {
        REQUIRE_FALSE(failure);
        ++swept;
      });
  }

  PrefixLimit prefixes;
  std::vector<std::unique_ptr<Target>> targets;
  int swept = 0;
};

}  // namespace

TEST_CASE("the sweeps of one prefix keep its limit together, and find the same") {
  for (const std::uint32_t most : {1U, 2U, 16U}) {
    Subnet subnet(most, 30);
    subnet.sweep_all();
    subnet.world.run();
    CHECK(subnet.swept == 30);
    CHECK(subnet.world.most_in_flight() == most);
    CHECK(subnet.services.counters.sent == 30 * (19 + 3));
    for (const std::unique_ptr<Target>& one : subnet.targets)
      for (const std::uint16_t port : ports(20))
        CHECK(one->swept()->find(one->hosts().front(), port)->state == (port == 1 ? Reason::filtered : Reason::closed));
    CHECK(subnet.prefixes.count_of(ip("10.0.0.1")).taken == 0);
    CHECK(subnet.world.deadlines().size() == 0);
  }
}

TEST_CASE("a place that comes free is used at once, by whichever target waits for it") {
  Subnet subnet(1, 30);
  const Instant began = subnet.world.now();
  const std::vector<std::uint16_t> one_port(1, 30);
  for (const std::unique_ptr<Target>& one : subnet.targets) {
    ScriptedPort behaviour;
    behaviour.event = PortEvent::closed;
    behaviour.round_trip = 7ms;
    Endpoint endpoint;
    endpoint.address = one->hosts().front();
    endpoint.port = one_port.front();
    subnet.world.port(endpoint, std::move(behaviour));
    asio::co_spawn(subnet.io, one->sweep(one_port), [](const std::exception_ptr& failure) { REQUIRE_FALSE(failure); });
  }
  subnet.world.run();
  CHECK(subnet.world.now() - began == 30 * 7ms);
}

TEST_CASE("a limit that bounds conversations alone leaves the sweep its window") {
  Subnet subnet(2, 30, PrefixLimit::Bounds::conversations);
  subnet.sweep_all();
  subnet.world.run();
  CHECK(subnet.swept == 30);
  CHECK(subnet.world.most_in_flight() > 100);
}

TEST_CASE("a prefix that is full of lanes holds back no other prefix") {
  Subnet subnet(2, 30);
  subnet.world.host(ip("10.0.1.1"));
  Target other(subnet.services, "other", "", Probing::permit_of({"10.0.1.1"}), TargetLimits());
  Instant ended{};
  subnet.sweep_all();
  asio::co_spawn(subnet.io, other.sweep(ports(20)),
                 [&](const std::exception_ptr& /*failure*/) { ended = subnet.world.now(); });
  const Instant began = subnet.world.now();
  subnet.world.run();
  CHECK(ended - began < 1s);
  CHECK(subnet.world.now() - began > 10s);
}

TEST_CASE("a conversation gets its place while sweeps of its prefix go on") {
  Subnet subnet(4, 200);
  subnet.peer(22, {ScriptStep::say("hello\n"), ScriptStep::end()});
  subnet.sweep_all();
  const Instant began = subnet.world.now();
  Instant admitted{};
  bool sweeping = false;
  auto task = [&]() -> awaitable<void> {
    Sleeper sleeper(subnet.world.deadlines());
    co_await sleeper.sleep(began + 1s);
    Holding nothing;
    Result<Place> place = co_await subnet.target.admit(ip("10.0.0.1"), began + 1h, nothing);
    REQUIRE(place);
    admitted = subnet.world.now();
    sweeping = subnet.swept < 200;
  };
  play(subnet.world, task);
  CHECK(sweeping);
  CHECK(admitted - began <= 1s + 2s + 10ms);  // the longest that a lane takes
  CHECK(subnet.swept == 200);
}

TEST_CASE("whoever holds every conversation of a prefix can still ask for a port, and sweeps go on") {
  Subnet subnet(3, 20);
  std::vector<std::shared_ptr<void>> held;
  while (std::shared_ptr<void> place = hold(subnet.prefixes, ip("10.0.0.1"))) held.push_back(std::move(place));
  REQUIRE(held.size() == 2);
  const Answer answer = subnet.ask("port", 7, {{"fresh", true}});
  REQUIRE(answer.outcome);
  CHECK(text(answer.fields, "state") == "closed");
  subnet.sweep_all();
  subnet.world.run();
  CHECK(subnet.swept == 20);
  CHECK(subnet.world.most_in_flight() == 1);
}

TEST_CASE("sweeps that wait for a place end with the run, or with their deadline") {
  Subnet subnet(1, 5);
  const std::shared_ptr<void> held = hold(subnet.prefixes, ip("10.0.0.1"));
  REQUIRE(held);
  subnet.deadline = subnet.in(3s);
  const Answer late = subnet.ask("port", 7);
  REQUIRE_FALSE(late.outcome);
  CHECK(late.outcome.error().reason == Reason::timeout);
  subnet.sweep_all();
  auto stop = [&]() -> awaitable<void> {
    Sleeper sleeper(subnet.world.deadlines());
    co_await sleeper.sleep(subnet.in(1s));
    subnet.world.stop();
  };
  play(subnet.world, stop);
  CHECK(subnet.swept == 5);
  CHECK(subnet.world.sent().empty());
  CHECK(subnet.targets.front()->swept()->find(ip("10.0.0.1"), 7)->state == Reason::stopped);
}

#include <cerrno>
#include <random>
#include <set>

#include "sweeping.hpp"

using namespace audit;
using namespace audit::net;
using namespace audit::probe;
using namespace audit::test;

TEST_CASE("a port that answers SYN-ACK is open, RST closed, nothing filtered") {
  Sweeping sweeping;
  sweeping.world.host(ip("10.0.0.1"));
  sweeping.behave("10.0.0.1", 22, PortEvent::open);
  sweeping.behave("10.0.0.1", 24, PortEvent::silent);
  sweeping.behave("10.0.0.1", 25, PortEvent::unreachable);
  Sweep sweep(sweeping.world, sweeping.permit, hosts({"10.0.0.1"}), {25, 24, 23, 22, 22}, SweepLimits());
  sweeping.run(sweep);
  CHECK(sweep.ports() == std::vector<std::uint16_t>{22, 23, 24, 25});
  CHECK(sweep.find(ip("10.0.0.1"), 22)->state == Reason::open);
  CHECK(sweep.find(ip("10.0.0.1"), 23)->state == Reason::closed);
  const PortState& silent = *sweep.find(ip("10.0.0.1"), 24);
  CHECK(silent.state == Reason::filtered);
  CHECK(silent.attempts == 3);
  CHECK_FALSE(silent.unreachable);
  CHECK(sweep.find(ip("10.0.0.1"), 25)->unreachable);
  CHECK(sweep.find(ip("10.0.0.1"), 26) == nullptr);
  CHECK(sweep.find(ip("10.0.0.2"), 22) == nullptr);
  CHECK(sweep.alive());
  CHECK(sweeping.counters.sent == sweeping.world.sent().size());
  CHECK(sweeping.counters.retried == 4);
}

TEST_CASE("a host that says nothing is not alive") {
  Sweeping sweeping;
  Sweep sweep(sweeping.world, sweeping.permit, hosts({"10.0.0.1"}), range(1, 20), SweepLimits());
  sweeping.run(sweep);
  CHECK_FALSE(sweep.alive());
  CHECK(sweeping.world.sent().size() == 60);
}

TEST_CASE("a sweep of nothing ends at once") {
  Sweeping sweeping;
  Sweep sweep(sweeping.world, sweeping.permit, hosts({"10.0.0.1"}), {}, SweepLimits());
  sweeping.run(sweep);
  CHECK(sweeping.world.sent().empty());
}

TEST_CASE("outside the permit nothing is sent, and the state says so") {
  Sweeping sweeping;
  sweeping.world.host(ip("10.0.0.2"));
  const Permit permit(hosts({"10.0.0.1"}), parse_transport_ports("tcp/23").value());
  Sweep sweep(sweeping.world, permit, hosts({"10.0.0.1", "10.0.0.2"}), {22, 23}, SweepLimits());
  sweeping.run(sweep);
  CHECK(sweep.find(ip("10.0.0.2"), 22)->state == Reason::out_of_scope);
  CHECK(sweep.find(ip("10.0.0.1"), 23)->state == Reason::out_of_scope);
  CHECK(sweep.find(ip("10.0.0.1"), 23)->attempts == 0);
  CHECK(sweep.find(ip("10.0.0.1"), 22)->state == Reason::filtered);
  for (const auto& sent : sweeping.world.sent()) CHECK(sent.to == tcp("10.0.0.1", 22));
  CHECK(sweeping.counters.sent == sweeping.world.sent().size());
}

TEST_CASE("a machine that runs out of descriptors for a moment changes nothing but a count") {
  Sweeping sweeping;
  sweeping.world.host(ip("10.0.0.1"));
  sweeping.behave("10.0.0.1", 22, PortEvent::open, 1ms, 3);
  sweeping.behave("10.0.0.1", 24, PortEvent::silent, 1ms, 2);
  Sweep sweep(sweeping.world, sweeping.permit, hosts({"10.0.0.1"}), range(20, 30), SweepLimits());
  sweeping.run(sweep);
  CHECK(sweep.find(ip("10.0.0.1"), 22)->state == Reason::open);
  CHECK(sweep.find(ip("10.0.0.1"), 22)->attempts == 1);
  CHECK(sweep.find(ip("10.0.0.1"), 24)->state == Reason::filtered);
  CHECK(sweep.find(ip("10.0.0.1"), 24)->attempts == 3);
  CHECK(sweeping.counters.local_faults == 5);
}

TEST_CASE("a machine that stays without descriptors ends every port as its own fault") {
  Sweeping sweeping;
  for (const std::uint16_t port : range(1, 50)) sweeping.behave("10.0.0.1", port, PortEvent::fault);
  Sweep sweep(sweeping.world, sweeping.permit, hosts({"10.0.0.1"}), range(1, 50), SweepLimits());
  sweeping.run(sweep);
  for (const std::uint16_t port : range(1, 50)) {
    const PortState& state = *sweep.find(ip("10.0.0.1"), port);
    CHECK(state.state == Reason::local_fault);
    CHECK(state.fault_number == EMFILE);
    CHECK(state.attempts == 0);
  }
  CHECK_FALSE(sweep.alive());
  CHECK(sweeping.counters.local_faults == 7);
  CHECK(sweeping.counters.sent == 0);
}

TEST_CASE("regression: a host that this machine cannot reach does not take its target's other host along") {
  Sweeping sweeping;
  const Permit permit(hosts({"10.0.0.1", "2001:db8::1"}), TransportPorts());
  for (const std::uint16_t port : range(1, 60)) {
    sweeping.behave("2001:db8::1", port, PortEvent::fault);
    sweeping.behave("10.0.0.1", port, port % 2 == 0 ? PortEvent::silent : PortEvent::closed, 900ms);
  }
  Sweep sweep(sweeping.world, permit, hosts({"2001:db8::1", "10.0.0.1"}), range(1, 60), SweepLimits());
  sweeping.run(sweep);
  for (const std::uint16_t port : range(1, 60)) {
    CHECK(sweep.find(ip("2001:db8::1"), port)->state == Reason::local_fault);
    CHECK(sweep.find(ip("10.0.0.1"), port)->state == (port % 2 == 0 ? Reason::filtered : Reason::closed));
  }
  CHECK(sweeping.counters.local_faults == 7);
}

TEST_CASE("regression: faults with starts between them are not faults in a row") {
  Sweeping sweeping;
  for (const std::uint16_t port : range(1, 60)) sweeping.behave("10.0.0.1", port, PortEvent::silent, 1ms, port % 2);
  Sweep sweep(sweeping.world, sweeping.permit, hosts({"10.0.0.1"}), range(1, 60), SweepLimits());
  sweeping.run(sweep);
  for (const std::uint16_t port : range(1, 60)) CHECK(sweep.find(ip("10.0.0.1"), port)->state == Reason::filtered);
  CHECK(sweeping.counters.local_faults == 30);
}

TEST_CASE("an attempt that will be repeated waits up to an eighth longer, at random") {
  std::set<Duration> took;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    Sweeping sweeping(1e6, seed);
    const Instant began = sweeping.world.now();
    Sweep sweep(sweeping.world, sweeping.permit, hosts({"10.0.0.1"}), {22}, SweepLimits(2s, 3, 0s));
    sweeping.run(sweep);
    took.insert(sweeping.world.now() - began);
  }
  CHECK(took.size() > 4);
  CHECK(*took.begin() >= 6s);
  CHECK(*took.rbegin() <= 6'500ms);
}

TEST_CASE("a sweep ends at its deadline, and what is undecided is not filtered") {
  Sweeping sweeping;
  sweeping.behave("10.0.0.1", 22, PortEvent::open);
  const Instant deadline = sweeping.in(3s);
  Sweep sweep(sweeping.world, sweeping.permit, hosts({"10.0.0.1"}), {22, 23}, SweepLimits(2s, 10, {}, deadline));
  sweeping.run(sweep);
  CHECK(sweeping.world.now() <= deadline);
  CHECK(sweep.find(ip("10.0.0.1"), 22)->state == Reason::open);
  CHECK(sweep.find(ip("10.0.0.1"), 23)->state == Reason::timeout);
}

TEST_CASE("a gap holds between any two probes of a target") {
  Sweeping sweeping;
  sweeping.world.host(ip("10.0.0.1"));
  sweeping.behave("10.0.0.1", 5, PortEvent::silent);
  const Instant began = sweeping.world.now();
  Sweep sweep(sweeping.world, sweeping.permit, hosts({"10.0.0.1"}), range(1, 20), SweepLimits(2s, 3, 1s));
  sweeping.run(sweep);
  CHECK(sweeping.world.sent().size() == 22);
  CHECK(sweeping.world.now() - began >= 21s);
  CHECK(sweeping.world.most_in_flight() == 1);
}

TEST_CASE("the rate is kept by all sweeps together") {
  Sweeping sweeping(100);
  sweeping.world.host(ip("10.0.0.1"));
  Sweep one(sweeping.world, sweeping.permit, hosts({"10.0.0.1"}), range(1, 300), SweepLimits());
  Sweep other(sweeping.world, sweeping.permit, hosts({"10.0.0.1"}), range(1'001, 1'300), SweepLimits());
  const Instant began = sweeping.world.now();
  auto task = [&]() -> awaitable<void> { co_await sweeping.sweeper.run(one); };
  start(sweeping.io, task);
  sweeping.run(other);
  CHECK(sweeping.world.sent().size() == 600);
  CHECK(sweeping.world.now() - began >= 5'900ms);
  CHECK(sweeping.world.now() - began <= 6'100ms);
}

TEST_CASE("whatever happens each port is decided once, and no state is guessed") {
  constexpr std::array<Reason, 6> known{Reason::open,        Reason::closed,  Reason::filtered,
                                        Reason::local_fault, Reason::stopped, Reason::timeout};
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    INFO("seed " << seed);
    std::mt19937_64 random(seed);
    Sweeping sweeping(random() % 2 == 0 ? 1e6 : 500, seed);
    const auto lanes = static_cast<std::uint32_t>(random() % 40 + 1);
    sweeping.world.lanes(lanes);
    struct Plan {
      std::unique_ptr<Permit> permit;
      std::unique_ptr<Sweep> sweep;
      SweepLimits limits;
      bool ended = false;
    };
    std::vector<Plan> plans(random() % 3 + 1);
    std::map<Endpoint, ScriptedPort> truth;
    for (std::size_t i = 0; i < plans.size(); ++i) {
      Plan& plan = plans[i];
      std::vector<IpAddress> addresses;
      for (std::size_t host = 0; host < random() % 3 + 1; ++host)
        addresses.push_back(ip("10.0." + std::to_string(i) + "." + std::to_string(host + 1)));
      plan.limits =
          SweepLimits(std::chrono::milliseconds(random() % 3'000 + 1), static_cast<std::uint32_t>(random() % 4 + 1),
                      random() % 4 == 0 ? Duration(5ms) : Duration());
      if (random() % 4 == 0) plan.limits.deadline = sweeping.in(std::chrono::milliseconds(random() % 4'000));
      const std::vector<std::uint16_t> ports = range(1, static_cast<std::uint16_t>(random() % 60 + 1));
      for (const IpAddress& address : addresses)
        for (const std::uint16_t port : ports) {
          constexpr std::array<PortEvent, 6> events{PortEvent::open,   PortEvent::closed,      PortEvent::closed,
                                                    PortEvent::silent, PortEvent::unreachable, PortEvent::fault};
          ScriptedPort behaviour;
          behaviour.event = events[random() % (seed % 5 == 0 ? 6 : 5)];
          behaviour.round_trip = std::chrono::microseconds(random() % 800'000);
          behaviour.faults_first = random() % 8 == 0 ? static_cast<std::uint32_t>(random() % 3) : 0;
          const Endpoint endpoint = tcp(format_address(address), port);
          truth[endpoint] = behaviour;
          sweeping.world.port(endpoint, behaviour);
        }
      plan.permit = std::make_unique<Permit>(addresses, TransportPorts());
      plan.sweep = std::make_unique<Sweep>(sweeping.world, *plan.permit, addresses, ports, plan.limits);
    }
    for (Plan& plan : plans)
      asio::co_spawn(sweeping.io, sweeping.sweeper.run(*plan.sweep), [&plan](const std::exception_ptr& failure) {
        REQUIRE_FALSE(failure);
        plan.ended = true;
      });
    const bool stops = random() % 3 == 0;
    auto stop = [&]() -> awaitable<void> {
      Sleeper sleeper(sweeping.world.deadlines());
      co_await sleeper.sleep(sweeping.in(std::chrono::milliseconds(random() % 3'000)));
      if (stops) sweeping.world.stop();
    };
    play(sweeping.world, stop);
    REQUIRE(sweeping.world.most_in_flight() <= lanes);
    REQUIRE(sweeping.world.deadlines().size() == 0);
    for (const Plan& plan : plans) {
      REQUIRE(plan.ended);
      for (const IpAddress& address : plan.sweep->hosts())
        for (const std::uint16_t port : plan.sweep->ports()) {
          const Endpoint endpoint = tcp(format_address(address), port);
          const PortState& state = *plan.sweep->find(address, port);
          const ScriptedPort& behaviour = truth.at(endpoint);
          INFO(format_endpoint(endpoint) << " " << name_of(state.state));
          REQUIRE(std::find(known.begin(), known.end(), state.state) != known.end());
          const auto asked = sweeping.sent_to(endpoint);  // with the faults, which the scripted world counts as well
          REQUIRE(state.attempts <= plan.limits.attempts);
          REQUIRE(asked >= state.attempts);
          if (behaviour.faults_first == 0 && behaviour.event != PortEvent::fault) REQUIRE(asked == state.attempts);
          switch (state.state) {
            case Reason::open: REQUIRE(behaviour.event == PortEvent::open); break;
            case Reason::closed: REQUIRE(behaviour.event == PortEvent::closed); break;
            case Reason::filtered:
              REQUIRE(state.attempts == plan.limits.attempts);
              REQUIRE(behaviour.event != PortEvent::fault);
              break;
            case Reason::stopped: REQUIRE(stops); break;
            case Reason::timeout: REQUIRE(plan.limits.deadline != never); break;
            default: REQUIRE(state.fault_number == EMFILE);
          }
        }
    }
    for (const auto& sent : sweeping.world.sent()) REQUIRE(truth.contains(sent.to));
  }
}

TEST_CASE("what another sweep saw of a host is taken over and not asked again; what it could not tell is asked") {
  Sweeping sweeping;
  sweeping.world.host(ip("10.0.0.1"));
  sweeping.world.host(ip("10.0.0.2"));
  const Permit permit(hosts({"10.0.0.1", "10.0.0.2"}), TransportPorts());
  Sweep sweep(sweeping.world, permit, hosts({"10.0.0.1", "10.0.0.2"}), {22, 23, 24, 25}, SweepLimits());
  HostPorts known;
  known.ports = {21, 22, 23, 24, 25};
  for (const Reason state : {Reason::open, Reason::open, Reason::filtered, Reason::local_fault, Reason::unreachable})
    known.states.emplace_back().state = state;
  CHECK(sweep.adopt(ip("10.0.0.1"), known) == 2);
  CHECK(sweep.adopt(ip("10.0.0.1"), known) == 0);
  CHECK(sweep.adopt(ip("10.0.0.9"), known) == 0);
  sweeping.run(sweep);
  const auto state = [&](const char* host, std::uint16_t port) { return sweep.find(ip(host), port)->state; };
  CHECK(state("10.0.0.1", 22) == Reason::open);
  CHECK(state("10.0.0.1", 23) == Reason::filtered);
  CHECK(state("10.0.0.1", 24) == Reason::closed);  // a fault of another's machine is no state: it was asked
  CHECK(state("10.0.0.1", 25) == Reason::closed);
  CHECK(state("10.0.0.2", 22) == Reason::closed);
  CHECK(sweeping.sent_to(tcp("10.0.0.1", 22)) == 0);
  CHECK(sweeping.sent_to(tcp("10.0.0.1", 23)) == 0);
  CHECK(sweeping.sent_to(tcp("10.0.0.1", 24)) == 1);
  CHECK(sweeping.sent_to(tcp("10.0.0.2", 22)) == 1);
}

TEST_CASE("a sweep of which all is known ends without a packet, and its host lives if anything answered") {
  Sweeping sweeping;
  Sweep answered(sweeping.world, sweeping.permit, hosts({"10.0.0.1"}), {22, 23}, SweepLimits());
  HostPorts known;
  known.ports = {22, 23};
  for (const Reason state : {Reason::closed, Reason::filtered}) known.states.emplace_back().state = state;
  CHECK(answered.adopt(ip("10.0.0.1"), known) == 2);
  sweeping.run(answered);
  CHECK(answered.alive(0));
  Sweep silent(sweeping.world, sweeping.permit, hosts({"10.0.0.1"}), {23}, SweepLimits());
  CHECK(silent.adopt(ip("10.0.0.1"), known) == 1);
  sweeping.run(silent);
  CHECK(silent.alive(0));  // by a port that this sweep does not ask
  known.states[0].state = Reason::filtered;
  Sweep dead(sweeping.world, sweeping.permit, hosts({"10.0.0.1"}), {22, 23}, SweepLimits());
  CHECK(dead.adopt(ip("10.0.0.1"), known) == 2);
  sweeping.run(dead);
  CHECK_FALSE(dead.alive(0));
  CHECK(sweeping.world.sent().empty());
}

TEST_CASE("whatever is taken over of whichever hosts, a sweep ends and asks exactly the rest") {
  std::mt19937 random(5);
  for (int round = 0; round < 300; ++round) {
    Sweeping sweeping(1e6, static_cast<std::uint64_t>(round));
    const std::vector<IpAddress> all = hosts({"10.0.0.1", "10.0.0.2", "10.0.0.3"});
    for (const IpAddress& host : all)
      if (random() % 3 > 0) sweeping.world.host(host, random() % 2 == 0 ? PortEvent::closed : PortEvent::silent);
    SweepLimits limits;
    limits.leave_the_dead = random() % 2 == 0;
    const std::vector<std::uint16_t> ports = range(1, static_cast<std::uint16_t>(1 + random() % 80));
    const Permit permit(all, TransportPorts());
    Sweep sweep(sweeping.world, permit, all, ports, limits);
    std::vector<Endpoint> known_ports;
    for (const IpAddress& host : all) {
      HostPorts known;
      for (const std::uint16_t port : ports) {
        if (random() % 2 == 0) continue;
        known.ports.push_back(port);
        known.states.emplace_back().state = random() % 2 == 0 ? Reason::closed : Reason::filtered;
        known_ports.push_back(Endpoint{host, port, Transport::tcp});
      }
      CHECK(sweep.adopt(host, known) == known.ports.size());
    }
    sweeping.run(sweep);
    for (const Endpoint& endpoint : known_ports) CHECK(sweeping.sent_to(endpoint) == 0);
    if (limits.leave_the_dead) continue;
    for (std::size_t host = 0; host < all.size(); ++host)
      for (std::size_t port = 0; port < ports.size(); ++port)
        CHECK((sweep.state(host, port).state == Reason::closed || sweep.state(host, port).state == Reason::filtered));
  }
}

#include <algorithm>
#include <asio/executor_work_guard.hpp>

#include "../net/dns_answers.hpp"
#include "probing.hpp"

using namespace audit;
using namespace audit::net;
using namespace audit::probe;
using namespace audit::test;

namespace {

constexpr Duration round_trip = 90ms;         // of a swept port
constexpr std::uint16_t first_talk = 1'000;   // ports below are swept, those from here up have one conversation each
constexpr Duration hello_after = 1500ms;      // what a banner waits for
constexpr std::uint16_t first_lossy = 2'500;  // UDP ports from here up lose the first datagram
constexpr std::uint16_t truncating_port = 5'353;  // a DNS server that wants to be asked over TCP

TargetLimits limited(std::uint32_t per_target, Duration gap) {
  TargetLimits limits;
  limits.per_target = per_target;
  limits.gap = gap;
  return limits;
}

/// Targets that are asked side by side, and when each probe went out: a connect, a swept port or a datagram.
struct Crowd : Probing {
  explicit Crowd(std::size_t per_second) : Probing({"10.0.0.1"}, {}, static_cast<double>(per_second)) {
    world.lanes(100'000);
  }

  struct Probe {
    Instant when;
    Endpoint to;
  };
  struct Life {
    Instant begin;
    Instant end;
  };

  Target& add(const std::string& address, const TargetLimits& limits) {
    world.host(ip(address));
    targets.push_back(std::make_unique<Target>(services, address, "", permit_of({address}), limits));
    return *targets.back();
  }
  void ask(Target& whom, std::string_view word, std::uint16_t port, Value::Object options = {}) {
    ++unanswered;
    asio::co_spawn(io, one(whom, *find_word(word), port, std::move(options)), rethrow);
  }
  void banner(Target& whom, std::uint16_t port) {
    ScriptedPort greeting;
    greeting.steps = {ScriptStep::say("hello\n", hello_after), ScriptStep::end()};
    world.port(at(whom, port, Transport::tcp), std::move(greeting));
    ask(whom, "banner", port);
  }
  void udp(Target& whom, std::uint16_t port) {
    int lost = port >= first_lossy ? 1 : 0;
    world.datagrams(at(whom, port, Transport::udp), [lost](std::string_view) mutable -> std::optional<std::string> {
      if (lost-- > 0) return std::nullopt;
      return "reply";
    });
    ask(whom, "udp", port, {{"send", "x"}});
  }
  void dns(Target& whom, std::uint16_t port = 53) {
    world.datagrams(at(whom, port, Transport::udp), [port](std::string_view query) {
      return dns_answer(query, {"10.0.0.7"}, port == truncating_port ? 0x8380 : 0x8180);
    });
    ask(whom, "dns", port, {{"server", whom.id() + ":" + std::to_string(port)}});
  }
  /// Sweeps a target, and goes on with `then` behind it.
  template <class Then>
  void sweep(Target& whom, std::uint16_t ports, Then then) {
    for (std::uint16_t port = 1; port <= ports; ++port) {
      ScriptedPort closed;
      closed.event = PortEvent::closed;
      closed.round_trip = round_trip;
      world.port(at(whom, port, Transport::tcp), std::move(closed));
    }
    asio::co_spawn(io, swept(whom, ports, std::move(then)), rethrow);
  }

  void run() {
    io.restart();
    const auto work = asio::make_work_guard(io);
    std::size_t seen = 0;
    bool more = world.step(world.now()) || true;
    for (; more; more = world.step(never)) {
      for (; seen < world.sent().size(); ++seen) {
        const ScriptedWorld::Sent& sent = world.sent()[seen];
        if (sent.to.transport == Transport::udp || sent.bytes.empty()) probes.push_back({world.now(), sent.to});
      }
    }
    REQUIRE(unanswered == 0);
  }

  /// The most probes within a second, whenever it begins.
  [[nodiscard]] std::size_t most_in_a_second() const {
    std::size_t most = 0;
    std::size_t first = 0;
    for (std::size_t last = 0; last < probes.size(); ++last) {
      while (probes[last].when - probes[first].when >= 1s) ++first;
      most = std::max(most, last + 1 - first);
    }
    return most;
  }
  /// What the schedule lets through in a second: its rate, ten milliseconds that went unused, the lease that a shard had
  /// before, and the last one, which goes out at once.
  [[nodiscard]] std::size_t allowed(std::size_t per_second) const {
    return per_second + per_second / 100 + 2 * rate.batch();
  }
  [[nodiscard]] Duration least_gap(const Target& whom) const {
    Duration least = Duration::max();
    Instant before = Instant::min();
    for (const Probe& probe : probes) {
      if (probe.to.address != whom.hosts().front()) continue;
      if (before != Instant::min()) least = std::min(least, probe.when - before);
      before = probe.when;
    }
    return least;
  }
  /// From its first probe on; a conversation lasts until it was last heard whom.
  [[nodiscard]] std::map<Endpoint, Life> lives() const {
    std::map<Endpoint, Life> all;
    for (const Probe& probe : probes) all.try_emplace(probe.to, Life{probe.when, probe.when + round_trip});
    for (const ScriptedWorld::Said& said : world.said()) all.at(said.peer).end = said.when;
    return all;
  }
  /// The most that were open at once of those that `counts`.
  template <class Counts>
  [[nodiscard]] std::size_t most_at_once(Counts counts) const {
    std::vector<std::pair<Instant, int>> turns;
    for (const auto& [endpoint, life] : lives()) {
      if (!counts(endpoint)) continue;
      turns.emplace_back(life.begin, 1);
      turns.emplace_back(life.end, -1);
    }
    std::sort(turns.begin(), turns.end());  // of one instant the ends come first
    int open = 0;
    int most = 0;
    for (const auto& turn : turns) most = std::max(most, open += turn.second);
    return static_cast<std::size_t>(most);
  }

  static Endpoint at(const Target& whom, std::uint16_t port, Transport transport) {
    return {whom.hosts().front(), port, transport};
  }
  static void rethrow(const std::exception_ptr& failure) {
    if (failure) std::rethrow_exception(failure);
  }

  std::vector<std::unique_ptr<Target>> targets;
  std::vector<Probe> probes;
  int unanswered = 0;

 private:
  awaitable<void> one(Target& whom, const Word& word, std::uint16_t port, Value::Object options) {
    Context asking(whom, in(1h));
    Question question;
    question.subject = "host.example";
    question.hosts = whom.hosts();
    question.endpoints = whom.endpoints(port, word.argument == Argument::udp_port ? Transport::udp : Transport::tcp);
    question.options = std::move(options);
    const std::shared_ptr<const Answer> answer = co_await probe::ask(word, asking, std::move(question));
    CHECK(answer->outcome);
    --unanswered;
  }
  template <class Then>
  awaitable<void> swept(Target& whom, std::uint16_t ports, Then then) {
    std::vector<std::uint16_t> list;
    for (std::uint16_t port = 1; port <= ports; ++port) list.push_back(port);
    co_await whom.sweep(std::move(list));
    then();
  }
};

}  // namespace

TEST_CASE("rate, gap, per_target and per_prefix are all kept at once by sweeps, conversations, datagrams and DNS") {
  constexpr std::size_t per_second = 50;
  constexpr std::uint32_t most_of_prefix = 6;
  constexpr std::uint32_t most_of_target = 2;
  constexpr Duration gap = 100ms;
  Crowd crowd(per_second);
  PrefixLimit prefixes(most_of_prefix, PrefixLimit::Bounds::everything);
  crowd.services.prefixes = &prefixes;
  for (std::uint16_t i = 1; i <= 5; ++i) {
    Target& near = crowd.add("10.0.0." + std::to_string(i), limited(most_of_target, gap));
    crowd.sweep(near, static_cast<std::uint16_t>(i * i * 10), [&crowd, &near] {
      for (std::uint16_t talk = 0; talk < 20; ++talk) {
        crowd.banner(near, static_cast<std::uint16_t>(first_talk + talk));
        crowd.udp(near, static_cast<std::uint16_t>(first_lossy - 10 + talk));
      }
    });
  }
  Target& far = crowd.add("10.0.1.1", limited(most_of_target, 10ms));
  crowd.sweep(far, 100, [&] {
    for (std::uint16_t talk = 0; talk < 500; ++talk) {
      if (talk % 5 == 0) crowd.dns(far);
      if (talk % 50 == 0)
        crowd.banner(far, static_cast<std::uint16_t>(first_talk + talk));
      else
        crowd.udp(far, static_cast<std::uint16_t>(first_talk + talk));
    }
  });
  crowd.run();

  CHECK(crowd.most_in_a_second() <= crowd.allowed(per_second));
  CHECK(crowd.most_in_a_second() >= per_second);
  for (const std::unique_ptr<Target>& target : crowd.targets) {
    INFO(target->id());
    CHECK(crowd.least_gap(*target) >= target->limits().gap);
    CHECK(crowd.most_at_once([&](const Endpoint& endpoint) {
      return endpoint.address == target->hosts().front() && endpoint.port >= first_talk;
    }) == most_of_target);
  }
  for (const std::unique_ptr<Target>& near : crowd.targets) {
    if (near.get() == &far) continue;
    CHECK(crowd.least_gap(*near) == gap);
  }
  const auto of_near = [&](const Endpoint& endpoint) { return endpoint.address != far.hosts().front(); };
  CHECK(crowd.most_at_once(of_near) == most_of_prefix);
  CHECK(crowd.most_at_once([&](const Endpoint& endpoint) {
    return of_near(endpoint) && endpoint.port >= first_talk;
  }) == most_of_prefix - 1);
}

TEST_CASE("ports and conversations of one target never wait for each other, however few its network bears") {
  for (const std::uint32_t most : {1U, 2U, 3U}) {
    INFO(most);
    Crowd crowd(1'000);
    PrefixLimit prefixes(most, PrefixLimit::Bounds::everything);
    crowd.services.prefixes = &prefixes;
    Target& near = crowd.add("10.0.0.1", limited(2, 100ms));
    for (std::uint16_t i = 0; i < 20; ++i) {
      ScriptedPort closed;
      closed.event = PortEvent::closed;
      closed.round_trip = round_trip;
      crowd.world.port(Crowd::at(near, static_cast<std::uint16_t>(i + 1), Transport::tcp), std::move(closed));
      crowd.ask(near, "port", static_cast<std::uint16_t>(i + 1));
      crowd.banner(near, static_cast<std::uint16_t>(first_talk + i));
    }
    crowd.run();
    CHECK(crowd.probes.size() == 40);
    CHECK(crowd.least_gap(near) >= 100ms);
    CHECK(crowd.probes.back().when - crowd.probes.front().when < 60s);
    CHECK(crowd.most_at_once([](const Endpoint&) { return true; }) <= most);
  }
}

TEST_CASE("the rate bounds conversations alone, datagrams alone and DNS alone") {
  constexpr std::size_t per_second = 20;
  constexpr std::uint16_t count = 100;
  const auto alone = [&](auto ask) {
    Crowd crowd(per_second);
    for (std::uint16_t i = 0; i < count; ++i)
      ask(crowd, crowd.add("10.0." + std::to_string(i) + ".1", limited(8, 0s)), first_talk);
    crowd.run();
    CHECK(crowd.probes.size() == count);
    CHECK(crowd.most_in_a_second() <= crowd.allowed(per_second));
    return crowd.most_in_a_second();
  };
  CHECK(alone([](Crowd& crowd, Target& whom, std::uint16_t port) { crowd.banner(whom, port); }) >= per_second);
  CHECK(alone([](Crowd& crowd, Target& whom, std::uint16_t port) { crowd.udp(whom, port); }) >= per_second);
  CHECK(alone([](Crowd& crowd, Target& whom, std::uint16_t) { crowd.dns(whom); }) >= per_second);
}

TEST_CASE("the rate is kept where gaps of different lengths end together") {
  constexpr std::size_t per_second = 20;
  Crowd crowd(per_second);
  std::uint16_t number = 0;
  for (const Duration gap : {3s, 2s, 1s}) {
    for (std::size_t i = 0; i < per_second / 2; ++i) {  // a second's worth of turns, and half of them wait for the gap
      Target& whom = crowd.add("10.0." + std::to_string(++number) + ".1", limited(8, gap));
      for (std::uint16_t port = 1'001; port <= 1'002; ++port) crowd.udp(whom, port);
    }
  }
  Target& busy = crowd.add("10.1.0.1", limited(8, 0s));
  for (std::uint16_t port = 1'000; port < 1'060; ++port) crowd.udp(busy, port);
  crowd.run();
  CHECK(crowd.most_in_a_second() <= crowd.allowed(per_second));
}

TEST_CASE("a port that is asked again keeps the gap to the target's conversations") {
  Crowd crowd(1'000);
  Target& whom = crowd.add("10.0.0.1", limited(8, 700ms));
  ScriptedPort silent;
  silent.event = PortEvent::silent;
  crowd.world.port(tcp("10.0.0.1", 7), std::move(silent));
  crowd.ask(whom, "port", 7);
  for (std::uint16_t port = 1'000; port < 1'010; ++port) crowd.udp(whom, port);
  crowd.run();
  CHECK(crowd.least_gap(whom) >= whom.limits().gap);
}

TEST_CASE("a DNS question that is asked again over TCP waits for the gap before it") {
  Crowd crowd(10);
  Target& whom = crowd.add("10.0.0.1", limited(8, 3s));  // longer than an attempt
  ScriptedPort over_tcp;
  over_tcp.steps = {ScriptStep::answer([](std::string_view heard) -> std::optional<std::string> {
    if (heard.size() < 14) return std::nullopt;
    const std::string message = dns_answer(heard.substr(2), {"10.0.0.7"});
    std::string framed;
    proto::put16(framed, static_cast<std::uint16_t>(message.size()));
    return framed + message;
  })};
  crowd.world.port(tcp("10.0.0.1", truncating_port), std::move(over_tcp));
  crowd.dns(whom, truncating_port);
  crowd.run();
  CHECK(crowd.probes.size() == 2);
  CHECK(crowd.least_gap(whom) >= whom.limits().gap);
}

#include "probe/pace.hpp"

#include <cerrno>

#include "../net/dns_answers.hpp"
#include "net/system_error.hpp"
#include "probe/conversation.hpp"
#include "probing.hpp"

using namespace audit;
using namespace audit::net;
using namespace audit::probe;
using namespace audit::test;

namespace {

/// How long a number of fresh banners took on the scripted clock.
Duration banners(Probing& probing, int count) {
  const Instant began = probing.world.now();
  for (int i = 0; i < count; ++i) static_cast<void>(probing.ask("banner", 22, {{"fresh", true}}));
  return probing.world.now() - began;
}

void behave(Probing& probing, std::uint16_t port, PortEvent event) {
  ScriptedPort behaviour;
  behaviour.event = event;
  probing.world.port(tcp("10.0.0.1", port), std::move(behaviour));
}

/// Every connect is reset there, which no script can say.
class ResettingWorld final : public World {
 public:
  explicit ResettingWorld(ScriptedWorld& clock) : World(clock.io()), clock_(clock) {}
  [[nodiscard]] Instant now() const override { return clock_.now(); }
  [[nodiscard]] WallTime wall() const override { return clock_.wall(); }
  void random(std::span<std::uint8_t> bytes) override { clock_.random(bytes); }
  [[nodiscard]] std::string why_no_echo(Family family) const override { return clock_.why_no_echo(family); }
  [[nodiscard]] bool port_lane_free() const override { return false; }
  [[nodiscard]] awaitable<Result<std::vector<IpAddress>>> look_up(std::string name, Instant deadline) override {
    return clock_.look_up(std::move(name), deadline);
  }

 protected:
  [[nodiscard]] awaitable<Result<std::unique_ptr<Stream>>> do_connect(Endpoint to, Instant /*deadline*/) override {
    co_return errno_error(ECONNRESET, FaultSource::network, to);
  }
  [[nodiscard]] awaitable<Result<std::unique_ptr<Datagram>>> do_open_datagram(Endpoint to, Instant deadline) override {
    return open_datagram_in(clock_, to, deadline);
  }
  [[nodiscard]] Result<std::unique_ptr<Echo>> do_open_echo(const IpAddress& to, std::size_t size) override {
    return open_echo_in(clock_, to, size);
  }
  void do_probe_port(PortSink& sink, std::uint32_t token, const Endpoint& to, Instant deadline,
                     KeptConnections* /*kept*/) override {
    probe_port_in(clock_, sink, token, to, deadline);
  }

 private:
  ScriptedWorld& clock_;
};

}  // namespace

TEST_CASE("a pace keeps the gap, and the longer pause after losses") {
  Pace pace(10ms);
  const Instant start(1s);
  CHECK_FALSE(pace.free());
  CHECK(pace.next() <= start);
  pace.begin(start);
  CHECK(pace.next() == start + 10ms);
  pace.lost();
  CHECK(pace.pause() == Pace::first_pause);
  CHECK(pace.next() == start + 10ms);
  pace.begin(start + 10ms);
  CHECK(pace.next() == start + 10ms + Pace::first_pause);
  pace.begin(start);
  CHECK(pace.next() == start + 10ms + Pace::first_pause);
  for (int i = 0; i < 100; ++i) pace.lost();
  CHECK(pace.pause() == Pace::longest_pause);
  for (int i = 0; i < 100; ++i) pace.answered();
  CHECK(pace.pause() == 0s);
  CHECK_FALSE(pace.free());
  CHECK(Pace(0s).free());
}

TEST_CASE("a target that resets is asked more slowly, and recovers once it answers") {
  Probing probing;
  probing.peer(22, {ScriptStep::say("hello\n"), ScriptStep::end()});
  const Duration before = banners(probing, 10);
  probing.peer(22, {ScriptStep::reset()});
  const Duration resetting = banners(probing, 10);
  CHECK(resetting > before + 5s);  // 50 ms, doubled each time, up to 2 s
  CHECK(probing.target.bearing().pause() > 0s);
  probing.peer(22, {ScriptStep::say("hello\n"), ScriptStep::end()});
  banners(probing, 12);
  CHECK(probing.target.bearing().pause() == 0s);
  CHECK(banners(probing, 10) == before);
}

TEST_CASE("a target that leaves connects unanswered is asked more slowly, and recovers once it answers") {
  TargetLimits impatient;
  impatient.timeout = 100ms;
  Probing probing({"10.0.0.1"}, impatient);
  probing.peer(22, {ScriptStep::say("hello\n"), ScriptStep::end()});
  const Duration before = banners(probing, 10);
  behave(probing, 22, PortEvent::silent);
  const Duration unanswered = banners(probing, 10);
  CHECK(unanswered > before + 10 * impatient.timeout + 5s);
  CHECK(probing.target.bearing().pause() == Pace::longest_pause);
  probing.peer(22, {ScriptStep::say("hello\n"), ScriptStep::end()});
  banners(probing, 12);
  CHECK(probing.target.bearing().pause() == 0s);
  CHECK(banners(probing, 10) == before);
}

TEST_CASE("a connect that is reset is a loss, one that is refused is none") {
  Probing probing;
  behave(probing, 22, PortEvent::closed);
  banners(probing, 3);
  CHECK(probing.target.bearing().pause() == 0s);
  ResettingWorld resetting(probing.world);
  Services services(resetting, probing.rate, probing.resolvers, probing.identity);
  Target target(services, "target", "", Probing::permit_of({"10.0.0.1"}), TargetLimits());
  Context context(target, never);
  Reason met = Reason::observed;
  auto task = [&]() -> awaitable<void> {
    const Result<std::unique_ptr<Conversation>> none =
        co_await connect(context, tcp("10.0.0.1", 22), ConnectOptions(1s), "banner");
    met = none ? Reason::observed : none.error().reason;
  };
  play(probing.world, task);
  CHECK(met == Reason::reset);
  CHECK(target.bearing().pause() == Pace::first_pause);
}

TEST_CASE("a lost datagram, DNS question or echo slows its target down, silence does not, and answers let it recover") {
  Probing probing;
  const Pace& pace = probing.target.bearing();
  probing.world.host(ip("10.0.0.1"));
  int lost = 1;
  probing.world.datagrams(udp("10.0.0.1", 1), [&](std::string_view query) -> std::optional<std::string> {
    if (lost-- > 0) return std::nullopt;
    return std::string(query);
  });
  probing.world.datagrams(udp("10.0.0.1", 3), [](std::string_view) { return std::nullopt; });
  const Value::Object again{{"send", "x"}, {"fresh", true}};
  CHECK(probing.ask("udp", 1, again).observation->attempts == 2);
  CHECK(pace.pause() == Pace::first_pause);
  CHECK(text(probing.ask("udp", 3).fields, "state") == "open|filtered");
  CHECK(pace.pause() == Pace::first_pause);
  for (int i = 0; i < 3; ++i) CHECK(probing.ask("udp", 1, again).outcome);
  CHECK(pace.pause() == 0s);

  lost = 1;
  probing.world.datagrams(udp("10.0.0.1", 53), [&](std::string_view query) -> std::optional<std::string> {
    if (lost-- > 0) return std::nullopt;
    return dns_answer(query, {"10.0.0.7"});
  });
  const Value::Object of_the_target{{"server", "10.0.0.1"}};
  probing.subject = "host.example";
  CHECK(probing.ask("dns", 0, of_the_target).observation->attempts == 2);
  CHECK(pace.pause() == Pace::first_pause);
  for (int i = 0; i < 3; ++i) {
    probing.subject = "host" + std::to_string(i) + ".example";
    CHECK(probing.ask("dns", 0, of_the_target).outcome);
  }
  CHECK(pace.pause() == 0s);

  ScriptedEcho script;
  script.lost_every = 4;
  probing.world.echoes(ip("10.0.0.1"), script);
  CHECK(probing.ask("ping", 0, {{"count", 8}}).outcome);
  CHECK(pace.pause() == Pace::first_pause);
  script.lost_every = 0;
  probing.world.echoes(ip("10.0.0.1"), script);
  for (int i = 0; i < 3; ++i) CHECK(probing.ask("ping", 0, {{"count", 2 + i}}).outcome);
  CHECK(pace.pause() == 0s);
}

TEST_CASE("conversations with one prefix keep its limit, whichever target they are with") {
  Probing probing;
  PrefixLimit prefixes(2);
  probing.services.prefixes = &prefixes;
  std::vector<std::unique_ptr<Target>> targets;
  int open = 0;
  int most_open = 0;
  int done = 0;
  for (int i = 0; i < 10; ++i)
    targets.push_back(std::make_unique<Target>(
        probing.services, "t", "", Probing::permit_of({"10.0.0." + std::to_string(i + 1)}), TargetLimits()));
  std::size_t next = 0;
  auto task = [&]() -> awaitable<void> {
    Target& target = *targets[next++];
    Holding nothing;
    Result<Place> place = co_await target.admit(target.hosts().front(), probing.in(1h), nothing);
    REQUIRE(place);
    most_open = std::max(most_open, ++open);
    Sleeper sleeper(probing.world.deadlines());
    co_await sleeper.sleep(probing.in(1s));
    --open;
    ++done;
  };
  for (std::size_t i = 0; i < targets.size(); ++i) start(probing.io, task);
  probing.world.run();
  CHECK(done == 10);
  CHECK(most_open == 2);
}

TEST_CASE("who gets no place in a prefix in time says so, and takes none") {
  Probing probing;
  PrefixLimit prefixes(1);
  probing.services.prefixes = &prefixes;
  const std::shared_ptr<void> held = hold(prefixes, ip("10.0.0.200"));
  REQUIRE(held);
  CHECK_FALSE(hold(prefixes, ip("10.0.0.7")));
  CHECK(hold(prefixes, ip("10.0.1.7")));
  CHECK(hold(prefixes, ip("2001:db8:1:2::1")));
  probing.peer(22, {ScriptStep::say("hello\n")});
  probing.deadline = probing.in(3s);
  const Answer answer = probing.ask("banner", 22);
  REQUIRE_FALSE(answer.outcome);
  CHECK(answer.outcome.error().reason == Reason::timeout);
  CHECK(answer.outcome.error().message.find("per_prefix") != std::string::npos);
  CHECK(probing.world.sent().empty());
}

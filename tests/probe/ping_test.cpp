#include "probing.hpp"

using namespace audit;
using namespace audit::net;
using namespace audit::probe;
using namespace audit::test;

namespace {

double real(const Answer& answer, std::string_view key) {
  const auto found = answer.fields.find(key);
  return found == answer.fields.end() ? -1 : *found->second.get_if<double>();
}

}  // namespace

TEST_CASE("a ping tells what was sent, received and lost, and how long it took") {
  Probing probing;
  ScriptedEcho script;
  script.round_trip = 2ms;
  script.lost_every = 4;
  probing.world.echoes(ip("10.0.0.1"), script);
  const Answer answer = probing.ask("ping", 0, {{"count", 8}});
  REQUIRE(answer.outcome);
  CHECK(number(answer.fields, "sent") == 8);
  CHECK(number(answer.fields, "received") == 6);
  CHECK(real(answer, "loss") == Approx(0.25));
  CHECK(real(answer, "rtt_min") == Approx(0.002));
  CHECK(real(answer, "rtt_avg") == Approx(0.002));
  CHECK(real(answer, "rtt_max") == Approx(0.002));
  CHECK(text(answer.fields, "method") == "icmp");
  CHECK(text(answer.fields, "address") == "10.0.0.1");
  CHECK(probing.target.life_of(ip("10.0.0.1")) == "answered ICMP echo in 2.0 ms");
  CHECK(probing.services.counters.sent == 8);
  CHECK(probing.world.echoed().size() == 8);
}

TEST_CASE("a host that replies to nothing is unreachable, and how often it was asked is said") {
  Probing probing;
  const Instant began = probing.world.now();
  const Answer answer = probing.ask("ping", 0, {{"timeout", 1}, {"interval", 0.5}});
  CHECK(probing.reason(answer) == Reason::unreachable);
  CHECK(answer.outcome.error().message == "10.0.0.1: no reply to 3 requests by ICMP echo");
  CHECK(probing.world.now() - began == 2s);
  CHECK_FALSE(probing.target.alive());
}

TEST_CASE("an ICMP error is no reply, and its sender is named") {
  Probing probing;
  ScriptedEcho script;
  script.unreachable = true;
  probing.world.echoes(ip("10.0.0.1"), script);
  const Answer answer = probing.ask("ping", 0, {{"count", 2}});
  CHECK(probing.reason(answer) == Reason::unreachable);
  CHECK(answer.outcome.error().message.find("ICMP host unreachable from 10.255.255.254") != std::string::npos);
  CHECK_FALSE(probing.target.alive());
}

TEST_CASE("duplicates, strangers' replies and late ones are counted and not believed") {
  Probing probing;
  ScriptedEcho script;
  script.copies = 3;
  script.foreign = 2;
  probing.world.echoes(ip("10.0.0.1"), script);
  Answer answer = probing.ask("ping", 0, {{"count", 2}});
  CHECK(number(answer.fields, "received") == 2);
  CHECK(number(answer.fields, "duplicates") == 4);
  CHECK(number(answer.fields, "foreign") == 4);
  ScriptedEcho slow;
  slow.round_trip = 700ms;
  slow.lost_every = 0;
  probing.world.echoes(ip("10.0.0.1"), slow);
  answer = probing.ask("ping", 0, {{"count", 3}, {"timeout", 0.5}, {"interval", 0.4}});
  CHECK(probing.reason(answer) == Reason::unreachable);
  CHECK(answer.outcome.error().message.find("late") != std::string::npos);
}

TEST_CASE("echoes keep the target's gap") {
  TargetLimits limits;
  limits.gap = 3s;
  Probing probing({"10.0.0.1"}, limits);
  probing.world.echoes(ip("10.0.0.1"));
  const Instant began = probing.world.now();
  REQUIRE(probing.ask("ping", 0, {{"count", 4}}).outcome);
  CHECK(probing.world.now() - began >= 9s);
}

TEST_CASE("every host is asked, and one that replies is enough") {
  Probing probing({"10.0.0.1", "2001:db8::1"});
  probing.world.echoes(ip("2001:db8::1"));
  const Answer answer = probing.ask("ping", 0, {{"count", 1}});
  REQUIRE(answer.outcome);
  CHECK(text(answer.fields, "address") == "2001:db8::1");
  const auto& hosts = *answer.fields.at("hosts").get_if<Value::Array>();
  REQUIRE(hosts.size() == 2);
  CHECK(*hosts[0].find("received") == Value(0));
  CHECK(*hosts[1].find("received") == Value(1));
  CHECK(probing.context->record().size() == 2);
  CHECK(probing.context->record()[0]->reason == Reason::unreachable);
}

TEST_CASE("where the machine gives no ICMP socket, a connect that is answered is a reply, RST or not") {
  for (const PortEvent event : {PortEvent::open, PortEvent::closed}) {
    Probing probing;
    probing.world.no_echo("no ICMP socket: denied");
    ScriptedPort behaviour;
    behaviour.event = event;
    behaviour.round_trip = 5ms;
    probing.world.port(tcp("10.0.0.1", 80), behaviour);
    const Answer answer = probing.ask("ping", 0, {{"count", 4}});
    REQUIRE(answer.outcome);
    CHECK(text(answer.fields, "method") == "tcp");
    CHECK(text(answer.fields, "no_icmp") == "no ICMP socket: denied");
    CHECK(number(answer.fields, "port") == 80);
    CHECK(number(answer.fields, "sent") == 4);
    CHECK(number(answer.fields, "received") == 4);
    CHECK(real(answer, "rtt_avg") == Approx(0.005));
    CHECK(probing.world.echoed().empty());
  }
}

TEST_CASE("a TCP ping that meets silence is unreachable, and one that `never` forbids is out of scope") {
  Probing probing;
  probing.world.no_echo("no ICMP socket: denied");
  const Answer answer = probing.ask("ping", 0);
  CHECK(probing.reason(answer) == Reason::unreachable);
  CHECK(answer.outcome.error().message == "10.0.0.1: no reply to 3 requests by TCP connects; no ICMP socket: denied");
  const std::vector<IpAddress> hosts(1, ip("10.0.0.1"));
  Target careful(probing.services, "plc", "", Permit(hosts, parse_transport_ports("tcp/1-1000").value()),
                 TargetLimits());
  const std::size_t before = probing.world.sent().size();
  Context context(careful, never);
  Question question;
  question.hosts = careful.hosts();
  Answer refused;
  auto task = [&]() -> awaitable<void> { refused = co_await find_word("ping")->ask(context, std::move(question)); };
  play(probing.world, task);
  CHECK(probing.reason(refused) == Reason::out_of_scope);
  CHECK(probing.world.sent().size() == before);
}

TEST_CASE("a ping by TCP goes where the sweep was answered") {
  Probing probing;
  probing.world.no_echo("no ICMP socket: denied");
  probing.peer(8'080, {});
  auto sweep = [&]() -> awaitable<void> {
    std::vector<std::uint16_t> ports(1, 8'080);
    co_await probing.target.sweep(std::move(ports));
  };
  play(probing.world, sweep);
  const Answer answer = probing.ask("ping", 0, {{"count", 2}});
  REQUIRE(answer.outcome);
  CHECK(number(answer.fields, "port") == 8'080);
  CHECK(probing.world.sent().size() == 3);
}

TEST_CASE("a host outside the target gets no echo") {
  Probing probing;
  probing.world.echoes(ip("10.0.0.9"));
  Context context(probing.target, never);
  Question question;
  question.hosts.push_back(ip("10.0.0.9"));
  Answer answer;
  auto task = [&]() -> awaitable<void> { answer = co_await find_word("ping")->ask(context, std::move(question)); };
  play(probing.world, task);
  CHECK(probing.reason(answer) == Reason::out_of_scope);
  CHECK(probing.world.echoed().empty());
}

TEST_CASE("a ping ends with its check's deadline and with the run") {
  Probing probing;
  probing.deadline = probing.in(3s);
  CHECK(probing.reason(probing.ask("ping", 0, {{"count", 100}, {"interval", 1}})) == Reason::timeout);
  CHECK(probing.world.now() == probing.deadline);
  Probing other;
  auto stop = [&]() -> awaitable<void> {
    Sleeper sleeper(other.world.deadlines());
    co_await sleeper.sleep(other.in(1s));
    other.world.stop();
  };
  start(other.io, stop);
  CHECK(other.reason(other.ask("ping", 0)) == Reason::stopped);
}

TEST_CASE("options of ping outside their ranges are mistakes of the rule") {
  Probing probing;
  const auto mistake = [&](Value::Object options) {
    const Answer answer = probing.ask("ping", 0, std::move(options));
    return probing.reason(answer) == Reason::rule_error;
  };
  CHECK(mistake({{"count", 101}}));
  CHECK(mistake({{"count", 0}}));
  CHECK(mistake({{"interval", 0}}));
  CHECK(mistake({{"size", 15}}));
  CHECK(mistake({{"size", 65'508}}));
  CHECK(mistake({{"attempts", 2}}));
  CHECK(probing.world.echoed().empty());
}

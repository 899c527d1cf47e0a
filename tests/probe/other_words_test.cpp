#include <algorithm>

#include "../net/dns_answers.hpp"
#include "probe/port.hpp"
#include "probing.hpp"

using namespace audit;
using namespace audit::net;
using namespace audit::probe;
using namespace audit::test;

namespace {

void behave(Probing& probing, const std::string& address, PortEvent event) {
  ScriptedPort behaviour;
  behaviour.event = event;
  probing.world.port(tcp(address, 23), std::move(behaviour));
}

/// The state that `port` gives for a port of two hosts, or the error's kind.
std::string two_hosts(PortEvent first, PortEvent second) {
  Probing probing({"10.0.0.1", "10.0.0.2"});
  behave(probing, "10.0.0.1", first);
  behave(probing, "10.0.0.2", second);
  const Answer answer = probing.ask("port", 23);
  CHECK(probing.context->record().size() == 2);
  return answer.outcome ? text(answer.fields, "state") : std::string(name_of(answer.outcome.error().reason));
}

}  // namespace

TEST_CASE("a port is open, closed or filtered, with its reason and attempts") {
  Probing probing;
  probing.peer(22, {});
  ScriptedPort closed;
  closed.event = PortEvent::closed;
  probing.world.port(tcp("10.0.0.1", 23), closed);
  Answer answer = probing.ask("port", 22);
  CHECK(text(answer.fields, "state") == "open");
  CHECK(text(answer.fields, "reason") == "SYN-ACK");
  CHECK(*answer.fields.at("connect_time").get_if<double>() == Approx(0.001));
  CHECK(answer.observation->attempts == 1);
  CHECK(answer.observation->remote == "10.0.0.1:22");
  CHECK(text(probing.ask("port", 23).fields, "state") == "closed");
  answer = probing.ask("port", 24, {{"attempts", 2}});
  CHECK(text(answer.fields, "state") == "filtered");
  CHECK(answer.observation->attempts == 2);
  CHECK(answer.observation->reason == Reason::filtered);
}

TEST_CASE("of several hosts the most open one is the answer") {
  CHECK(two_hosts(PortEvent::closed, PortEvent::open) == "open");
  CHECK(two_hosts(PortEvent::silent, PortEvent::closed) == "filtered");
  CHECK(two_hosts(PortEvent::closed, PortEvent::closed) == "closed");
}

TEST_CASE("regression: a host that cannot be asked does not hide one where the port is open, nor count as closed") {
  CHECK(two_hosts(PortEvent::fault, PortEvent::open) == "open");
  CHECK(two_hosts(PortEvent::open, PortEvent::fault) == "open");
  CHECK(two_hosts(PortEvent::fault, PortEvent::closed) == "local_fault");
  CHECK(two_hosts(PortEvent::closed, PortEvent::fault) == "local_fault");
  CHECK(two_hosts(PortEvent::unreachable, PortEvent::silent) == "unreachable");
}

TEST_CASE("what the sweep saw is not asked again unless it is to be fresh") {
  Probing probing;
  probing.peer(22, {});
  auto sweep = [&]() -> awaitable<void> {
    std::vector<std::uint16_t> ports(1, 22);
    co_await probing.target.sweep(std::move(ports));
  };
  play(probing.world, sweep);
  CHECK(probing.world.sent().size() == 1);
  CHECK(text(probing.ask("port", 22).fields, "state") == "open");
  CHECK(probing.world.sent().size() == 1);
  CHECK(probing.services.counters.shared == 1);
  CHECK(text(probing.ask("port", 22, {{"fresh", true}}).fields, "state") == "open");
  CHECK(probing.world.sent().size() == 2);
}

TEST_CASE(
    "regression: a port does not outlive its check's deadline, and is not filtered before its attempts are spent") {
  Probing probing;
  probing.deadline = probing.in(3s);
  const Answer answer = probing.ask("port", 22, {{"timeout", 100}, {"attempts", 10}});
  CHECK(probing.reason(answer) == Reason::timeout);
  CHECK(probing.world.now() <= probing.deadline);
}

TEST_CASE("regression: sweep, port and conversations keep one gap") {
  TargetLimits limits;
  limits.gap = 1s;
  Probing probing({"10.0.0.1"}, limits);
  probing.peer(22, {ScriptStep::say("hi")});
  auto sweep = [&]() -> awaitable<void> {
    std::vector<std::uint16_t> ports(1, 22);
    co_await probing.target.sweep(std::move(ports));
  };
  play(probing.world, sweep);
  const Instant began = probing.world.now();
  CHECK(probing.reason(probing.ask("banner", 22)) == Reason::observed);
  CHECK(probing.world.now() - began >= 1s);
  CHECK(probing.reason(probing.ask("port", 22, {{"fresh", true}})) == Reason::observed);
  CHECK(probing.world.now() - began >= 2s);
  CHECK(probing.reason(probing.ask("banner", 22, {{"fresh", true}})) == Reason::observed);
  CHECK(probing.world.now() - began >= 3s);
}

TEST_CASE("a stopped run ends each word as stopped, and sends nothing more") {
  Probing probing;
  probing.world.datagrams(udp("10.0.0.1", 161), [](std::string_view) { return std::nullopt; });
  probing.world.stop();
  for (const char* word : {"port", "banner", "udp", "http"}) {
    INFO(word);
    const Answer answer = probing.ask(word, 161);
    CHECK(probing.reason(answer) == Reason::stopped);
    CHECK(probing.context->record().front()->reason == Reason::stopped);
  }
  CHECK(probing.world.sent().empty());
}

TEST_CASE("a stop in the middle of a word ends it as stopped") {
  for (const char* word : {"port", "banner", "udp", "http"}) {
    INFO(word);
    Probing probing;
    probing.peer(80, {ScriptStep::hang()});
    probing.world.datagrams(udp("10.0.0.1", 81), [](std::string_view) { return std::nullopt; });
    auto stop = [&]() -> awaitable<void> {
      Sleeper sleeper(probing.world.deadlines());
      co_await sleeper.sleep(probing.in(1s));
      probing.world.stop();
    };
    start(probing.io, stop);
    const std::string_view asked = word;
    const bool silent = asked == "port" || asked == "udp";
    CHECK(probing.reason(probing.ask(word, silent ? 81 : 80)) == Reason::stopped);
  }
}

TEST_CASE("a fault of this machine that passes is not seen by who sends datagrams, one that stays is its own") {
  Probing probing;
  probing.world.datagrams(udp("10.0.0.1", 1), [](std::string_view) { return "pong"; });
  ScriptedPort faulty;
  faulty.faults_first = 2;
  probing.world.port(udp("10.0.0.1", 1), faulty);
  CHECK(probing.reason(probing.ask("udp", 1)) == Reason::observed);
  faulty.event = PortEvent::fault;
  probing.world.port(udp("10.0.0.1", 1), faulty);
  CHECK(probing.reason(probing.ask("udp", 1, {{"fresh", true}})) == Reason::local_fault);
}

TEST_CASE("a port of `never` is out of scope for every word") {
  for (const Word& word : words()) {
    if (word.argument == Argument::host) continue;  // its own test
    CAPTURE(word.name);
    Probing probing;
    const std::vector<IpAddress> hosts(1, ip("10.0.0.1"));
    TransportPorts forbidden = parse_transport_ports("tcp/502").value();
    forbidden.udp = parse_transport_ports("udp/502").value().udp;
    Target careful(probing.services, "plc", "", Permit(hosts, forbidden), TargetLimits());
    Context context(careful, never);
    Question question;
    question.subject = "host.example";
    question.endpoints = careful.endpoints(502, word.argument == Argument::udp_port ? Transport::udp : Transport::tcp);
    if (word.argument == Argument::name) question.options = {{"server", "10.0.0.1:502"}};
    Answer answer;
    auto task = [&]() -> awaitable<void> { answer = co_await word.ask(context, std::move(question)); };
    play(probing.world, task);
    REQUIRE_FALSE(answer.outcome);
    CHECK(answer.outcome.error().reason == Reason::out_of_scope);
    CHECK(probing.world.sent().empty());
  }
}

TEST_CASE("dns tells what the server said, NXDOMAIN too") {
  Probing probing;
  const Endpoint server = udp("192.0.2.53", 53);
  net::ResolverConfig config;
  config.servers = {server};
  probe::Services services(probing.world, probing.rate, config, probing.identity);
  Target target(services, "target", "", Probing::permit_of({"10.0.0.1"}), TargetLimits());
  const auto ask = [&](std::string name, Value::Object options) {
    Context context(target, probing.in(1h));
    Question question;
    question.subject = std::move(name);
    question.options = std::move(options);
    Answer answer;
    auto task = [&]() -> awaitable<void> { answer = co_await find_word("dns")->ask(context, std::move(question)); };
    play(probing.world, task);
    return answer;
  };
  std::uint16_t flags = 0x8180;
  std::string asked;
  probing.world.datagrams(server, [&](std::string_view query) {
    asked = asked_name(query);
    return dns_answer(query, {"10.0.0.7"}, flags);
  });
  Answer answer = ask("host.example", {});
  REQUIRE(answer.outcome);
  CHECK(text(answer.fields, "rcode") == "NOERROR");
  CHECK(text(answer.fields, "server") == "192.0.2.53:53");
  const Value& record = answer.fields.at("answers").get_if<Value::Array>()->at(0);
  CHECK(*record.find("data") == Value("10.0.0.7"));
  CHECK(*record.find("type") == Value("A"));
  CHECK(answer.observation->remote == "192.0.2.53:53");
  CHECK(answer.observation->attempts == 1);
  static_cast<void>(ask("10.0.0.7", {{"type", "PTR"}}));
  CHECK(asked == "7.0.0.10.in-addr.arpa.");
  flags = 0x8183;
  answer = ask("none.example", {});
  REQUIRE(answer.outcome);
  CHECK(text(answer.fields, "rcode") == "NXDOMAIN");
  flags = 0x8182;
  answer = ask("fails.example", {});
  REQUIRE_FALSE(answer.outcome);
  CHECK(answer.outcome.error().reason == Reason::unresolved);
  probing.world.datagrams(server, [](std::string_view) { return std::nullopt; });
  answer = ask("late.example", {});
  CHECK(answer.outcome.error().reason == Reason::timeout);
}

TEST_CASE("a referral is told and not followed: a server that an answer names was not asked for") {
  Probing probing;
  probing.subject = "host.example";
  probing.world.datagrams(udp("10.0.0.1", 53), [&](std::string_view query) {
    std::string answer = dns_answer(query, {}, 0x8000);
    answer[9] = 1;   // NSCOUNT
    answer[11] = 1;  // ARCOUNT
    answer +=
        std::string("\xc0\x11\x00\x02\x00\x01\x00\x00\x01\x2c\x00\x05\x02ns\xc0\x11", 17);  // example. NS ns.example.
    answer += std::string("\x02ns\xc0\x11\x00\x01\x00\x01\x00\x00\x01\x2c\x00\x04\x0a\x00\x00\x09", 19);  // at 10.0.0.9
    return answer;
  });
  const Answer referred = probing.ask("dns", 0, {{"server", "10.0.0.1"}});
  REQUIRE(referred.outcome);
  CHECK(referred.fields.at("authority").get_if<Value::Array>()->size() == 1);
  CHECK(referred.fields.at("additional").get_if<Value::Array>()->size() == 1);
  for (const auto& sent : probing.world.sent()) CHECK(format_address(sent.to.address) == "10.0.0.1");
}

TEST_CASE("dns of a server that is named: what it answers is the answer, an error code too, and it must be in scope") {
  Probing probing;
  probing.subject = "host.example";
  std::string heard;
  probing.world.datagrams(udp("10.0.0.1", 53), [&](std::string_view query) {
    heard = query;
    return dns_answer(query, {}, 0x8105);
  });
  const Answer refused = probing.ask("dns", 0, {{"server", "10.0.0.1"}, {"recursion", false}});
  REQUIRE(refused.outcome);
  CHECK(text(refused.fields, "rcode") == "REFUSED");
  CHECK(text(refused.fields, "transport") == "udp");
  CHECK((static_cast<unsigned char>(heard.at(2)) & 1U) == 0);  // RD
  CHECK(probing.target.alive());
  const std::size_t before = probing.world.sent().size();
  for (const char* type : {"A", "AXFR"})
    CHECK(probing.reason(probing.ask("dns", 0, {{"server", "10.0.0.9"}, {"type", type}})) == Reason::out_of_scope);
  CHECK(probing.reason(probing.ask("dns", 0, {{"server", "nonsense"}})) == Reason::rule_error);
  CHECK(probing.world.sent().size() == before);
  CHECK(probing.reason(probing.ask("dns", 0, {{"server", "10.0.0.1:54"}})) == Reason::timeout);
  CHECK(probing.world.sent().size() - before == 3);  // every attempt
}

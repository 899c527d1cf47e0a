#include <fmt/format.h>

#include <set>

#include "worked.hpp"

// A target that stays open is handed on in parts, and a run can go on from any of them.

namespace audit::core {
namespace {

using net::ScriptStep;
using std::chrono::milliseconds;

/// Keeps messages and parts.
class PartKeeper final : public Sink {
 public:
  void deliver(TargetMessage& message) override { messages.push_back(message); }
  [[nodiscard]] bool wants_parts() const override { return true; }
  void deliver_part(PartMessage& part) override { parts.push_back(part); }
  std::vector<TargetMessage> messages;
  std::vector<PartMessage> parts;
};

constexpr std::string_view address = "10.0.0.1";
const std::vector<std::pair<std::uint16_t, Duration>> slow_ports{
    {21, milliseconds(50)}, {22, milliseconds(800)}, {23, milliseconds(1'500)}, {80, milliseconds(3'000)}};

std::shared_ptr<lua::Rule> rule_of(const std::string& id, const std::string& ports, const std::string& body) {
  RuleMake make;
  make.ports = ports;
  make.body = body;
  return make_rule(id, make);
}

std::vector<std::shared_ptr<lua::Rule>> rules() {
  std::vector<std::shared_ptr<lua::Rule>> rules;
  for (const auto& [port, late] : slow_ports)
    rules.push_back(
        rule_of(fmt::format("lab.port{}", port), std::to_string(port),
                fmt::format("local said = target:banner({}, {{ timeout = 10 }}) return pass(said.text, said)", port)));
  rules.push_back(rule_of("lab.closed", "25", "return fail('open', target:port(25))"));
  rules.push_back(rule_of("lab.two", "80",
                          "local a = target:banner(21, { timeout = 10 }) local b = target:banner(80, { timeout = 10 }) "
                          "return pass(a.text .. b.text, { a, b })"));
  RuleMake all;
  all.ports = "22";
  all.collect = "return target:banner(22, { timeout = 10 })";
  all.body = "return pass('of ' .. run.collected)";
  rules.push_back(make_rule("lab.zall", all));
  return rules;
}

struct Scene {
  explicit Scene(const std::string& target = std::string(address), const std::string& more = {})
      : plan(plan_of(fmt::format("schema = 1\n{}[[targets]]\naddress = \"{}\"\n", more, target), rules())),
        shared(*plan, rate, resolver, identity, keeper) {
    world.host(*parse_address(address));
    for (const auto& [port, late] : slow_ports) {
      Endpoint endpoint;
      endpoint.address = *parse_address(address);
      endpoint.port = port;
      net::ScriptedPort behaviour;
      behaviour.event = net::PortEvent::open;
      behaviour.steps = {ScriptStep::say(fmt::format("port {}\n", port), late), ScriptStep::end()};
      world.port(endpoint, std::move(behaviour));
    }
  }
  void run(Duration until = std::chrono::hours(1)) {
    Worker worker(shared, world);
    worker.start();
    const Instant end = world.now() + until;
    do io.poll();
    while (world.step(end));
    if (keeper.messages.empty()) {
      world.stop();
      world.run();
    }
    REQUIRE_FALSE(worker.failure());
    REQUIRE(keeper.messages.size() == 1);
  }
  [[nodiscard]] std::set<std::uint16_t> connected() const {
    std::set<std::uint16_t> ports;
    for (const auto& said : world.said())
      if (said.what == net::ScriptedWorld::Said::What::connected) ports.insert(said.peer.port);
    return ports;
  }

  asio::io_context io{1};
  net::ScriptedWorld world{io};
  PartKeeper keeper;
  std::unique_ptr<Plan> plan;
  net::Rate rate{1e6};
  net::ResolverConfig resolver;
  probe::Identity identity;
  RunShared shared;
};

/// All that a report has of it but times.
std::string told(const TargetMessage& message) {
  std::string text = fmt::format("{} {} {} {} {}\n", message.record.id, message.planned, message.record.ports.size(),
                                 message.record.ports_closed, message.record.life_message);
  for (const Check& check : message.checks)
    for (const Finding& finding : check.results) {
      text +=
          fmt::format("{} {} {} {}:", check.rule, name_of(finding.status), name_of(finding.reason), finding.message);
      for (const Evidence& one : finding.evidence)
        text += fmt::format(" {}={} {} {}", one.label, one.observation->probe, one.observation->endpoint,
                            one.observation->attempts);
      text += '\n';
    }
  for (const CollectedMessage& one : message.collected) {
    text += fmt::format("{} {}:", one.rule_ordinal, one.missing ? one.missing->message : "");
    for (const lua::CollectedItem& item : one.target.collected.items) text += ' ' + item.observation->endpoint;
    text += '\n';
  }
  return text;
}

std::set<std::uint16_t> without(std::set<std::uint16_t> ports, std::initializer_list<std::uint16_t> less) {
  for (const std::uint16_t port : less) ports.erase(port);
  return ports;
}

}  // namespace

TEST_CASE("a run goes on from any part of a target, and comes to what it would have come to") {
  Scene whole;
  whole.run();
  const std::string expected = told(whole.keeper.messages.front());
  INFO(expected);
  REQUIRE(whole.keeper.parts.size() >= 3);
  REQUIRE(whole.connected() == std::set<std::uint16_t>{21, 22, 23, 80});
  std::set<std::uint16_t> asked = whole.connected();
  for (std::size_t parts = 1; parts <= whole.keeper.parts.size(); ++parts) {
    Scene scene;
    for (std::size_t i = 0; i < parts; ++i) scene.shared.earlier.take(whole.keeper.parts[i]);
    scene.run();
    INFO(parts << " parts");
    CHECK(told(scene.keeper.messages.front()) == expected);
    for (const auto& sent : scene.world.sent())
      CHECK(scene.connected().contains(sent.to.port));  // it is not swept again
    for (const std::uint16_t port : scene.connected()) CHECK(asked.contains(port));
    asked = scene.connected();
  }
  CHECK(asked == std::set<std::uint16_t>{80});
}

TEST_CASE("what a part told is not told again, by the same process or the next") {
  Scene whole;
  whole.run();
  std::multiset<std::uint32_t> ended;
  std::set<std::string> keys;
  for (const PartMessage& part : whole.keeper.parts) {
    for (const Check& check : part.checks) ended.insert(check.rule_ordinal);
    for (const CollectedMessage& one : part.collected) ended.insert(one.rule_ordinal);
    for (const probe::KeptAnswer& answer : part.answers) CHECK(keys.insert(answer.key).second);
  }
  CHECK(std::set<std::uint32_t>(ended.begin(), ended.end()).size() == ended.size());
  Scene next;
  next.shared.earlier.take(whole.keeper.parts.front());
  next.run();
  for (const PartMessage& part : next.keeper.parts) {
    CHECK_FALSE(part.swept);
    for (const Check& check : part.checks)
      for (const Check& before : whole.keeper.parts.front().checks) CHECK(check.rule_ordinal != before.rule_ordinal);
  }
}

TEST_CASE("a stop hands on what had ended, and nothing that the stop ended") {
  Scene stopped;
  stopped.run(milliseconds(1'000));
  std::set<std::string> ended;
  for (const PartMessage& part : stopped.keeper.parts)
    for (const Check& check : part.checks) {
      ended.insert(check.rule);
      for (const Finding& finding : check.results) CHECK(finding.reason != Reason::stopped);
    }
  CHECK(ended == std::set<std::string>{"lab.closed", "lab.port21", "lab.port22"});
  Scene next;
  for (const PartMessage& part : stopped.keeper.parts) next.shared.earlier.take(part);
  next.run();
  CHECK(next.connected() == without({21, 22, 23, 80}, {21, 22}));
  Scene whole;
  whole.run();
  CHECK(told(next.keeper.messages.front()) == told(whole.keeper.messages.front()));
}

TEST_CASE("a target that closes soon is handed on whole and in no part") {
  Scene scene;
  for (const auto& [port, late] : slow_ports) {
    Endpoint endpoint;
    endpoint.address = *parse_address(address);
    endpoint.port = port;
    net::ScriptedPort behaviour;
    behaviour.event = net::PortEvent::open;
    behaviour.steps = {ScriptStep::say("at once\n"), ScriptStep::end()};
    scene.world.port(endpoint, std::move(behaviour));
  }
  scene.run();
  CHECK(scene.keeper.parts.empty());
}

TEST_CASE("a name keeps the addresses that it led to first") {
  Scene first("a.example");
  first.world.name("a.example", {*parse_address(address)});
  first.run();
  REQUIRE_FALSE(first.keeper.parts.empty());
  REQUIRE(first.keeper.parts.front().resolutions.size() == 1);
  Scene next("a.example");
  next.world.name("a.example", {*parse_address("10.0.0.99")});
  next.shared.earlier.take(first.keeper.parts.front());
  next.run();
  CHECK(format_address(next.keeper.messages.front().record.addresses.front()) == address);
  CHECK(told(next.keeper.messages.front()) == told(first.keeper.messages.front()));
}

TEST_CASE("what a name forbids for its addresses is so for the whole run, wherever the name leads later") {
  const std::string plc =
      "[groups.plc]\nnever = [\"tcp/21\"]\n[[targets]]\naddress = \"plc.example\"\ngroups = [\"plc\"]\n";
  const auto run = [](Scene& scene, const char* leads_to) {
    scene.world.name("plc.example", {*parse_address(leads_to)});
    Worker worker(scene.shared, scene.world);
    worker.start();
    do scene.io.poll();
    while (scene.world.step(scene.world.now() + std::chrono::hours(1)));
    REQUIRE_FALSE(worker.failure());
  };
  Scene first(std::string(address), plc);
  run(first, address.data());
  const auto guards = std::find_if(first.keeper.parts.begin(), first.keeper.parts.end(),
                                   [](const PartMessage& part) { return part.member.entry == nullptr; });
  REQUIRE(guards != first.keeper.parts.end());
  REQUIRE(guards->resolutions.size() == 1);
  Scene next(std::string(address), plc);
  next.shared.earlier.take(*guards);
  run(next, "10.0.0.99");
  CHECK(next.connected() == without({21, 22, 23, 80}, {21}));
  for (const PartMessage& part : next.keeper.parts) CHECK(part.member.entry != nullptr);  // it is not told again
}

}  // namespace audit::core

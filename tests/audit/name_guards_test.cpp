#include <fmt/format.h>

#include "inventory/limit.hpp"
#include "worked.hpp"

// What one entry asks for an address holds for it under every other name.

namespace audit::core {
namespace {

using Catch::Contains;
using net::PortEvent;

std::shared_ptr<lua::Rule> on_port(const std::string& id, const std::string& ports, Safety safety = Safety::normal) {
  RuleMake make;
  make.ports = ports;
  make.body = fmt::format("return pass('it answers', target:port({}))", ports);
  make.safety = safety;
  make.absent = Status::pass;
  return make_rule(id, make);
}

std::string named(const std::string& address, const std::string& more = {}) {
  return fmt::format("[[targets]]\naddress = \"{}\"\n{}", address, more);
}
const std::string of_plc = "groups = [\"plc\"]\n";

struct Scene : Worked {
  Scene(const std::string& inventory, std::vector<std::shared_ptr<lua::Rule>> rules, std::uint64_t seed = 1)
      : Worked(plan_of("schema = 1\n" + inventory, std::move(rules), "test", seed)) {
    for (const char* address : {"10.0.0.1", "10.0.0.2"}) host(address);
    world.name("plc.example", {*parse_address("10.0.0.1")});
    world.name("other.example", {*parse_address("10.0.0.1")});
    world.name("both.example", {*parse_address("10.0.0.1"), *parse_address("10.0.0.2")});
    run();
  }
  [[nodiscard]] std::size_t sent_to(const std::string& address, std::uint16_t port = 0) const {
    return static_cast<std::size_t>(
        std::count_if(world.sent().begin(), world.sent().end(), [&](const net::ScriptedWorld::Sent& sent) {
          return sent.to.address == *parse_address(address) && (port == 0 || sent.to.port == port);
        }));
  }
  [[nodiscard]] std::string notices() const {
    std::string all;
    for (const TargetMessage& message : keeper.messages)
      for (const std::string& notice : message.notices) all += notice + "\n";
    for (const std::string& notice : shared.name_guards.notices()) all += notice + "\n";
    return all;
  }
};

}  // namespace

TEST_CASE(
    "a port that is never touched of one name is not touched by another name of its address, whoever comes first") {
  const std::string plc = "[groups.plc]\nnever = [\"tcp/502\"]\n" + named("plc.example", of_plc);
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    for (const std::string& other : {named("other.example"), named("both.example"), named("10.0.0.0/29")}) {
      Scene scene(plc + other, {on_port("test.a", "502"), on_port("test.b", "22")}, seed);
      INFO(seed << " " << other);
      CHECK(scene.sent_to("10.0.0.1", 502) == 0);
      CHECK(scene.sent_to("10.0.0.1", 22) > 0);
    }
  }
  Scene told(plc + named("other.example"), {on_port("test.a", "502")});
  CHECK(told.status("test.a", "other.example") == "not_reviewed out_of_scope");
  CHECK_THAT(told.notices(), Contains("other.example: tcp/502,9100-9107 is never touched, as another entry says of its "
                                      "address"));
}

TEST_CASE("a name that --limit leaves out guards its address all the same") {
  const auto inventory = inventory_of("schema = 1\n[groups.plc]\nnever = [\"tcp/502\"]\n" +
                                      named("plc.example", of_plc) + named("other.example"));
  REQUIRE(inventory::limit_to(*inventory, {"other.example"}, false).empty());
  lua::RuleSet set;
  set.rules.push_back(on_port("test.a", "502"));
  Worked one(std::move(make_plan(inventory, std::move(set), "", 1).plan));
  one.host("10.0.0.1");
  one.world.name("plc.example", {*parse_address("10.0.0.1")});
  one.world.name("other.example", {*parse_address("10.0.0.1")});
  one.run();
  CHECK(one.world.sent().empty());
}

TEST_CASE("the address that a name of an excluded group leads to is excluded, by whatever entry") {
  const std::string excluded = "[scope]\nexclude = [\"group:plc\"]\n[groups.plc]\n" + named("plc.example", of_plc);
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    Scene scene(excluded + named("other.example") + named("both.example") + named("10.0.0.1") + named("10.0.0.0/29"),
                {on_port("test.a", "22")}, seed);
    INFO(seed);
    CHECK(scene.sent_to("10.0.0.1") == 0);
    CHECK(std::count(scene.world.echoed().begin(), scene.world.echoed().end(), *parse_address("10.0.0.1")) == 0);
    CHECK(scene.status("test.a", "both.example") == "pass closed");
    CHECK(scene.status("test.a", "10.0.0.2") == "pass closed");
    for (const TargetMessage& message : scene.keeper.messages)
      if (message.member.address && *message.member.address == *parse_address("10.0.0.1") &&
          !scene.plan->expansion->duplicate(message.member)) {
        CHECK(message.fate == Fate::excluded);
        CHECK(message.message == "group:plc");
      }
  }
}

TEST_CASE("a name of an excluded group that does not resolve is told, as is one whose ports are never touched") {
  Scene excluded(
      "[scope]\nexclude = [\"group:plc\"]\n[groups.plc]\n" + named("gone.example", of_plc) + named("10.0.0.1"),
      {on_port("test.a", "22")});
  CHECK_THAT(excluded.notices(),
             Contains("gone.example: its addresses could not be left out by `group:plc` where other "
                      "entries name them; gone.example does not resolve"));
  Scene never("[groups.plc]\nnever = [\"tcp/502\"]\n" + named("gone.example", of_plc), {on_port("test.a", "22")});
  CHECK_THAT(never.notices(), Contains("gone.example: what it forbids could not be held"));
}

TEST_CASE(
    "the strictest safety and the longest gap of all entries of an address hold for it, and what that leaves out is "
    "counted") {
  const std::string plc =
      "[groups.plc]\nsafety = \"connect\"\nlimits = { gap = \"3s\" }\n" + named("plc.example", of_plc);
  Scene scene(plc + named("other.example"), {on_port("test.a", "22"), on_port("test.gentle", "22", Safety::connect)});
  std::size_t checks = 0;
  for (const TargetMessage& message : scene.keeper.messages) {
    CHECK(message.planned == message.checks.size());
    checks += message.checks.size();
  }
  CHECK(checks == 2);
  CHECK(scene.status("test.gentle", "other.example") == "pass closed");
  CHECK_THAT(scene.notices(), Contains("other.example: no rule is asked that is more than safety = \"connect\", and a "
                                       "probe is sent every 3s at most"));
  const std::vector<LeftOut> parts = scene.shared.not_asked.parts(*scene.plan);
  REQUIRE(parts.size() == 1);
  CHECK(words_of(parts[0]) ==
        "test.a: not asked of 2 of 2 targets (plc.example, …), because `safety` does not allow it");
  // A listed address too, and a network's strictness holds for what is listed within it.
  Scene address("[groups.plc]\nsafety = \"connect\"\n" + named("10.0.0.0/29", of_plc) + named("10.0.0.1"),
                {on_port("test.a", "22")});
  CHECK(address.sent_to("10.0.0.1", 22) == 0);
}

TEST_CASE("what is intrusive is asked of no address that another listed name does not give up to it") {
  const std::string lab = "[groups.plc]\nsafety = \"intrusive\"\n" + named("plc.example", of_plc);
  const std::vector<std::shared_ptr<lua::Rule>> rough{on_port("test.rough", "22", Safety::intrusive)};
  CHECK(Scene(lab + named("other.example"), rough).sent_to("10.0.0.1") == 0);
  CHECK(Scene(lab, rough).sent_to("10.0.0.1") > 0);
  // A network that covers the lab by its defaults says nothing of it.
  CHECK(Scene(lab + named("10.0.0.0/29"), rough).status("test.rough", "plc.example") == "pass closed");
}

TEST_CASE("names that guard addresses are resolved within bounds, however many there are and whoever is silent") {
  std::string text = "schema = 1\n[groups.plc]\nnever = [\"tcp/502\"]\n";
  for (int i = 0; i < 6'000; ++i) text += named(fmt::format("n{}.example", i), of_plc);
  Worked many(plan_of(text, {on_port("test.a", "22")}));
  Endpoint server;
  server.address = *parse_address("10.53.0.1");
  server.port = 53;
  server.transport = Transport::udp;
  many.resolver.servers = {server};
  many.resolver.use_system = false;
  const Instant began = many.world.now();
  many.run();
  CHECK(many.world.now() - began <= NameGuards::longest + std::chrono::seconds(20));
  CHECK(many.shared.name_guards.notices().size() == 51);
  CHECK(many.count(Fate::target) == 6'000);
  CHECK(many.status("test.a", "n5999.example") == "not_reviewed unresolved");
}

TEST_CASE("a run that is stopped while names are resolved sends nothing and reviews nothing") {
  Worked run(
      plan_of("schema = 1\n[groups.plc]\nnever = [\"tcp/502\"]\n" + named("plc.example", of_plc) + named("10.0.0.1"),
              {on_port("test.a", "22")}));
  run.world.stop();
  run.run();
  CHECK(run.world.sent().empty());
  CHECK(run.status("test.a", "10.0.0.1") == "not_reviewed stopped");
}

}  // namespace audit::core

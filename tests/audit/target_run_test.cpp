#include "worked.hpp"

namespace audit::core {

using Catch::Contains;
using net::PortEvent;

namespace {

std::shared_ptr<lua::Rule> ssh(const char* body = "return pass(target:port(22))", bool endpoint = false) {
  RuleMake make;
  make.ports = "22,2222";
  make.body = body;
  make.endpoint = endpoint;
  make.absent = Status::pass;
  return make_rule("test.ssh", make);
}

constexpr const char* one = "[[targets]]\naddress = \"10.0.0.1\"\n";

}  // namespace

TEST_CASE("where every port is closed the check ends as absent says, without Lua") {
  Worked run(one, {ssh("error('Lua ran')")});
  run.host("10.0.0.1");
  run.run();
  CHECK(run.status("test.ssh") == "pass closed");
}

TEST_CASE("where every port is filtered, absent holds on a host that lives and not on one that may be gone") {
  Worked lives(one, {ssh("error('Lua ran')")});
  lives.host("10.0.0.1", PortEvent::silent);
  lives.port("10.0.0.1", 22, PortEvent::closed);
  lives.run();
  CHECK(lives.status("test.ssh") == "pass filtered");
  Worked gone(one, {ssh("error('Lua ran')")});
  gone.run();
  CHECK(gone.status("test.ssh") == "not_reviewed unreachable");
}

TEST_CASE("an endpoint rule has a result for each open port") {
  Worked run(one, {ssh("return pass(endpoint.text, target:port(endpoint))", true)});
  run.host("10.0.0.1");
  run.port("10.0.0.1", 22);
  run.port("10.0.0.1", 2222);
  run.run();
  const Check& check = run.check("test.ssh");
  REQUIRE(check.results.size() == 2);
  CHECK(check.results[0].endpoint == "tcp/10.0.0.1:22");
  CHECK(check.results[1].message == "tcp/10.0.0.1:2222");
}

TEST_CASE("a pass on an open port does not hide the port that a local fault kept from being asked") {
  Worked run(one, {ssh()});
  run.port("10.0.0.1", 22);
  run.port("10.0.0.1", 2222, PortEvent::fault);
  run.run();
  CHECK(run.status("test.ssh") == "error local_fault");
}

TEST_CASE("a name that does not resolve is not reviewed, and rules that require nothing run") {
  RuleMake make;
  make.body = "return info(tostring(target.address))";
  Worked run("[[targets]]\naddress = \"nowhere.example\"\n", {ssh(), make_rule("test.any", make)});
  run.run();
  CHECK(run.status("test.ssh") == "not_reviewed unresolved");
  CHECK(run.check("test.any").results[0].message == "nil");
  CHECK(run.keeper.messages.at(0).record.life == TargetLife::unresolved);
}

TEST_CASE("a candidate that gives no sign of life is dark, one that refuses a port is a target") {
  Worked run("[[targets]]\naddress = \"10.0.0.0/29\"\n", {ssh()});
  run.host("10.0.0.3");
  run.run();
  CHECK(run.count(Fate::dark) == 5);
  CHECK(run.count(Fate::target) == 1);
  CHECK(run.status("test.ssh") == "pass closed");
}

TEST_CASE("a candidate that this machine could not ask is an error, not dark") {
  Worked run("[[targets]]\naddress = \"10.0.0.0/30\"\n", {ssh()});
  run.host("10.0.0.1", PortEvent::fault);
  run.run();
  CHECK(run.count(Fate::dark) == 1);
  CHECK(run.status("test.ssh") == "error local_fault");
}

TEST_CASE("a name whose addresses are all excluded is excluded") {
  Worked run(
      "[scope]\nexclude = [\"10.0.0.1\"]\n[[targets]]\naddress = \"a.example\"\n[[targets]]\naddress = \"10.0.0.1\"\n",
      {ssh()});
  run.world.name("a.example", {*parse_address("10.0.0.1")});
  run.run();
  CHECK(run.count(Fate::excluded) == 2);
  CHECK(run.world.sent().empty());
}

TEST_CASE(
    "a name that leads to an excluded and a forbidden address is a target that is not reviewed (its checks vanished)") {
  Worked run("[scope]\nexclude = [\"10.0.0.1\"]\n[[targets]]\naddress = \"a.example\"\n", {ssh()});
  run.world.name("a.example", {*parse_address("10.0.0.1"), *parse_address("127.0.0.1")});
  run.run();
  CHECK(run.status("test.ssh") == "not_reviewed out_of_scope");
  CHECK(run.keeper.messages.at(0).excluded_addresses.size() == 1);
  CHECK(run.world.sent().empty());
}

TEST_CASE("a pass on one address of a name is none where another address may not be asked") {
  Worked run("[scope]\ninclude = [\"10.0.0.0/24\"]\n[[targets]]\naddress = \"a.example\"\n", {ssh()});
  run.host("10.0.0.1");
  run.port("10.0.0.1", 22);
  run.port("10.0.0.1", 2222);
  run.world.name("a.example", {*parse_address("10.0.0.1"), *parse_address("10.9.0.1")});
  run.run();
  CHECK(run.status("test.ssh") == "not_reviewed out_of_scope");
  CHECK_THAT(
      run.check("test.ssh").foremost().message,
      Contains("a.example resolves to 10.9.0.1, which [scope] include does not cover: include it, or exclude it"));
  // One that is excluded is left out on purpose.
  Worked excluded("[scope]\nexclude = [\"10.9.0.1\"]\n[[targets]]\naddress = \"a.example\"\n", {ssh()});
  excluded.host("10.0.0.1");
  excluded.world.name("a.example", {*parse_address("10.0.0.1"), *parse_address("10.9.0.1")});
  excluded.run();
  CHECK(excluded.status("test.ssh") == "pass closed");
}

TEST_CASE("of a name that is asked at its first address alone, the others are told as left out") {
  Worked run("[[targets]]\naddress = \"a.example\"\nresolve = \"first\"\n", {ssh()});
  run.host("10.0.0.1");
  run.world.name("a.example", {*parse_address("10.0.0.1"), *parse_address("10.0.0.2")});
  run.run();
  CHECK(run.status("test.ssh") == "pass closed");
  const std::vector<LeftOut> parts = run.shared.not_asked.parts(*run.plan);
  REQUIRE(parts.size() == 1);
  CHECK(words_of(parts[0]) == "1 of 1 target (a.example) was asked at one address alone: `resolve = \"first\"`");
}

TEST_CASE("targets that a rule is kept from are counted: by safety, and where nothing is expected of them") {
  RuleMake make;
  make.ports = "22";
  make.body = "return info('x')";
  Worked run(
      "schema = 1\n[groups.plc]\nsafety = \"connect\"\n[[targets]]\naddress = \"10.0.0.1\"\nexpect.tcp.deny = [23]\n"
      "[[targets]]\naddress = \"10.0.0.2\"\ngroups = [\"plc\"]\n",
      {make_rule("test.any", make)});
  run.host("10.0.0.1");
  run.host("10.0.0.2");
  run.run();
  std::vector<std::string> told;
  for (const LeftOut& part : run.shared.not_asked.parts(*run.plan)) told.push_back(words_of(part));
  REQUIRE(told.size() == 4);
  CHECK(told[0] ==
        "policy.port-denied: not asked of 1 of 2 targets (10.0.0.2), because the inventory says nothing of "
        "what it judges");
  CHECK(told[3] == "test.any: not asked of 1 of 2 targets (10.0.0.2), because `safety` does not allow it");
}

TEST_CASE("a name that no server could be asked for is not said to be unresolved for good") {
  Worked run("[[targets]]\naddress = \"nowhere.example\"\n", {ssh()});
  Endpoint server;
  server.address = *parse_address("10.53.0.1");
  server.port = 53;
  server.transport = Transport::udp;
  run.resolver.servers = {server};
  run.resolver.use_system = false;
  run.run();
  CHECK(run.status("test.ssh") == "not_reviewed unresolved");
  CHECK(run.keeper.messages.at(0).record.life == TargetLife::unknown);
}

TEST_CASE("a run that is stopped before it begins reviews nothing and sends nothing") {
  Worked run("[[targets]]\naddress = \"10.0.0.1\"\n[[targets]]\naddress = \"10.0.1.0/29\"\n", {ssh()});
  run.world.stop();
  run.run();
  CHECK(run.status("test.ssh", "10.0.0.1") == "not_reviewed stopped");
  CHECK(run.count(Fate::unasked) == 6);
  CHECK(run.world.sent().empty());
}

}  // namespace audit::core

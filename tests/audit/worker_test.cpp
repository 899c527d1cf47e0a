#include "worked.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace audit::core {
namespace {

constexpr int targets = 700;

/// How many conversations waited at once, where every target says hello after so long.
std::int64_t most_at_once(Duration delay) {
  std::string inventory;
  for (int i = 0; i < targets; ++i)
    inventory += fmt::format("[[targets]]\naddress = \"10.{}.{}.1\"\n", i / 250, i % 250);
  RuleMake make;
  make.ports = "22";
  make.body = "local stream <close> = target:connect(22)\nreturn pass(stream:read_line(), target:port(22))";
  Worked run(inventory, {make_rule("test.hello", make)});
  for (int i = 0; i < targets; ++i) {
    net::ScriptedPort port;
    port.round_trip = {};
    port.steps = {net::ScriptStep::say("hello\n", delay), net::ScriptStep::hang()};
    Endpoint endpoint;
    endpoint.address = *parse_address(fmt::format("10.{}.{}.1", i / 250, i % 250));
    endpoint.port = 22;
    run.world.port(endpoint, std::move(port));
  }
  run.run();
  REQUIRE(run.count(Fate::target) == targets);
  for (const TargetMessage& message : run.keeper.messages) REQUIRE(message.checks.at(0).foremost().message == "hello");
  std::int64_t open = 0;
  std::int64_t most = 0;
  for (const net::ScriptedWorld::Said& said : run.world.said()) {
    using What = net::ScriptedWorld::Said::What;
    if (said.what == What::connected) most = std::max(most, ++open);
    if (said.what == What::received) --open;
  }
  CHECK(open == 0);
  return most;
}

}  // namespace

TEST_CASE("targets that answer at once are asked a few after another") { CHECK(most_at_once({}) <= 40); }

TEST_CASE("targets that take a few round trips each are soon asked by the hundred") {
  CHECK(most_at_once(std::chrono::milliseconds(20)) > 150);
}

TEST_CASE("of targets that keep a shard waiting as many are open at once as may be") {
  CHECK(most_at_once(std::chrono::seconds(1)) == 512);
}

}  // namespace audit::core

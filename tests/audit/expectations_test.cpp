#include "worked.hpp"

namespace audit::core {

using Catch::Contains;
using net::PortEvent;

namespace {

/// A run of one target that expects `expect`, on a network that `prepare` makes.
template <class Prepare>
std::unique_ptr<Worked> expecting(const std::string& expect, Prepare prepare, const std::string& head = "") {
  auto worked = std::make_unique<Worked>(head + "[[targets]]\naddress = \"10.0.0.1\"\nexpect.tcp = " + expect + "\n",
                                         std::vector<std::shared_ptr<lua::Rule>>());
  prepare(*worked);
  worked->run();
  return worked;
}

constexpr const char* missing = "policy.port-missing";
constexpr const char* unexpected = "policy.port-unexpected";

}  // namespace

TEST_CASE("a required port that is open passes, one that is closed or filtered on a living host fails") {
  const auto run = expecting("{ sweep = \"20-25\", require = [22, 23, 24] }", [](Worked& w) {
    w.host("10.0.0.1");
    w.port("10.0.0.1", 22);
    w.port("10.0.0.1", 24, PortEvent::silent);
  });
  const Check& check = run->check(missing);
  REQUIRE(check.results.size() == 3);
  CHECK(check.results[0].status == Status::pass);
  CHECK(check.results[0].endpoint == "tcp/10.0.0.1:22");
  CHECK(check.results[1].status == Status::fail);
  CHECK(check.results[1].reason == Reason::closed);
  CHECK(check.results[2].reason == Reason::filtered);
  CHECK(check.status() == Status::fail);
  for (const Finding& finding : check.results) CHECK(finding.evidence.at(0).observation);
}

TEST_CASE("a port that is open and not allowed fails, and the verdict says where one looked") {
  const auto run = expecting("{ sweep = \"20-25\", allow = [22] }", [](Worked& w) {
    w.host("10.0.0.1");
    w.port("10.0.0.1", 22);
    w.port("10.0.0.1", 25);
    w.port("10.0.0.1", 26);
  });
  const Check& check = run->check(unexpected);
  REQUIRE(check.results.size() == 1);
  CHECK(check.results[0].endpoint == "tcp/10.0.0.1:25");
  CHECK_THAT(check.results[0].message, Contains("tcp/20-25"));
  CHECK(run->status(unexpected) == "fail open");
  CHECK(run->status(missing) == "not_applicable observed");
}

TEST_CASE("nothing but what is allowed passes") {
  const auto run = expecting("{ sweep = \"20-25\", require = [22] }", [](Worked& w) {
    w.host("10.0.0.1");
    w.port("10.0.0.1", 22);
  });
  CHECK(run->check(unexpected).status() == Status::pass);
  CHECK(run->check(missing).status() == Status::pass);
  CHECK_THAT(run->check(unexpected).results[0].message, Contains("tcp/20-25"));
}

TEST_CASE("ports that are never touched are named, and what is required there is not reviewed") {
  const auto run = expecting(
      "{ sweep = \"22-24\", require = [23] }", [](Worked& w) { w.host("10.0.0.1"); },
      "[scope]\nnever = [\"tcp/23\"]\n");
  CHECK(run->status(missing) == "not_reviewed out_of_scope");
  CHECK(run->check(unexpected).status() == Status::pass);
  CHECK_THAT(run->check(unexpected).results[0].message, Contains("not at tcp/23, which `never` forbids"));
  for (const auto& sent : run->world.sent()) CHECK(sent.to.port != 23);
  const auto all = expecting(
      "{ sweep = \"23\" }", [](Worked& w) { w.host("10.0.0.1"); }, "[scope]\nnever = [\"tcp/23\"]\n");
  CHECK(all->status(unexpected) == "not_reviewed out_of_scope");
}

TEST_CASE("a host that answers nothing is not reviewed") {
  const auto run = expecting("{ sweep = \"20-25\", require = [22] }", [](Worked&) {});
  CHECK(run->status(missing) == "not_reviewed unreachable");
  CHECK(run->status(unexpected) == "not_reviewed unreachable");
}

TEST_CASE("a local fault is an error, never a port's state") {
  const auto run =
      expecting("{ sweep = \"22-23\", require = [22] }", [](Worked& w) { w.host("10.0.0.1", PortEvent::fault); });
  CHECK(run->status(missing) == "error local_fault");
  CHECK(run->status(unexpected) == "error local_fault");
  const auto passing = expecting("{ sweep = \"22-23\", require = [22] }", [](Worked& w) {
    w.host("10.0.0.1");
    net::ScriptedPort port;
    port.faults_first = 2;
    Endpoint endpoint;
    endpoint.address = *parse_address("10.0.0.1");
    endpoint.port = 22;
    w.world.port(endpoint, port);
  });
  CHECK(passing->check(missing).status() == Status::pass);
}

TEST_CASE("of a name with a silent address, what the living one shows holds, and the rest is not reviewed") {
  Worked run("[[targets]]\naddress = \"two.example\"\nexpect.tcp = { sweep = \"22-23\", require = [22] }\n", {});
  run.world.name("two.example", {*parse_address("10.0.0.1"), *parse_address("10.0.0.2")});
  run.host("10.0.0.1");
  run.port("10.0.0.1", 22);
  run.run();
  const Check& check = run.check(missing);
  REQUIRE(check.results.size() == 2);
  CHECK(check.results[0].status == Status::pass);
  CHECK(check.results[1].status == Status::not_reviewed);
  CHECK(check.status() == Status::not_reviewed);
  CHECK(run.check(unexpected).status() == Status::not_reviewed);
}

}  // namespace audit::core

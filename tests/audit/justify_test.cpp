#include "audit/justify.hpp"

#include "worked.hpp"

namespace audit::core {

using Catch::Contains;
using net::PortEvent;

namespace {

/// How a check without ports ends on 10.0.0.1, of which `prepare` makes the network.
template <class Prepare>
std::string judged(const char* body, Prepare prepare) {
  RuleMake make;
  make.body = body;
  Worked run("[[targets]]\naddress = \"10.0.0.1\"\n", {make_rule("test.rule", make)});
  prepare(run);
  run.run();
  return run.status("test.rule");
}

void living(Worked& run) {
  run.host("10.0.0.1");
  run.port("10.0.0.1", 22);
  run.port("10.0.0.1", 24, PortEvent::silent);
}

void silent(Worked&) {}

}  // namespace

TEST_CASE("a verdict that rests on no probe is a rule_error") {
  CHECK(judged("return pass('trust me')", living) == "error rule_error");
  CHECK(judged("return fail('trust me', { state = 'open' })", living) == "error rule_error");
  CHECK(judged("return info('only said')", living) == "informational observed");
  CHECK(judged("return not_applicable('not here')", living) == "not_applicable observed");
}

TEST_CASE("a pass needs an answer; a fail may rest on silence") {
  CHECK(judged("return pass(target:port(22))", living) == "pass observed");
  CHECK(judged("return pass(target:port(23))", living) == "pass observed");
  CHECK(judged("try(target.banner, target, 24) return pass('nothing said')", living) == "error timeout");
  CHECK(judged("try(target.banner, target, 24) return fail('nothing said')", living) == "fail observed");
}

TEST_CASE("silence of a port is an answer only of a host that lives") {
  CHECK(judged("target:port(22) return pass(target:port(24))", living) == "pass observed");
  CHECK(judged("return pass(target:port(24))", silent) == "not_reviewed filtered");
  CHECK(judged("return pass(target:udp(161, { send = 'x' }))", silent) == "not_reviewed filtered");
}

TEST_CASE("a pass beside an address that a local fault kept from being asked is an error") {
  RuleMake make;
  make.body = "return pass(target:port(22))";
  Worked run("[[targets]]\naddress = \"two.example\"\n", {make_rule("test.rule", make)});
  run.world.name("two.example", {*parse_address("10.0.0.1"), *parse_address("10.0.0.2")});
  run.port("10.0.0.1", 22);
  run.host("10.0.0.2", PortEvent::fault);
  run.run();
  CHECK(run.status("test.rule") == "error local_fault");
}

TEST_CASE("an address that ends another is not taken for it") {
  RuleMake make;
  make.body = "return pass(target:port({ address = '110.0.0.1', port = 24 }))";
  Worked run("[[targets]]\naddress = \"two.example\"\n", {make_rule("test.rule", make)});
  run.world.name("two.example", {*parse_address("10.0.0.1"), *parse_address("110.0.0.1")});
  run.host("110.0.0.1");
  run.port("110.0.0.1", 24, PortEvent::silent);
  run.port("110.0.0.1", 22);
  make.ports = "22";
  run.run();
  CHECK(run.status("test.rule") == "not_reviewed filtered");  // nothing else of it was asked: it may be gone
}

}  // namespace audit::core

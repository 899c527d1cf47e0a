#include "trying.hpp"

namespace audit::trial {
namespace {

const std::string one_pass = "case 'good' { peer { tcp = 7000, says = 'good\\n' }, expect { status = 'pass' } }";
const std::string one_fail = "case 'bad' { peer { tcp = 7000, says = 'bad\\n' }, expect { status = 'fail' } }";

const std::string reads_lines = R"(
  local stream <close> = target:connect(7000)
  local line = stream:read_line { timeout = 5 }
  if line == "good" then return pass("good", stream) end
  return fail(line, stream))";

TEST_CASE("a rule that judges whole lines has no fault in any generated case") {
  for (const std::string& test : {one_pass, one_fail, std::string()}) {
    const SuiteResult result = try_body(reads_lines, test, Status::pass);
    CHECK(result.good());
    CHECK(result.generated.size() >= 7);
  }
}

TEST_CASE("a fail on the part of an answer that would have passed is a fault") {
  const SuiteResult result = try_body(R"(
    local banner = target:banner(7000)
    if banner.bytes == "good\n" then return pass("good", banner) end
    return fail(banner.bytes, banner))",
                                      one_pass);
  CHECK(faults_of(result) == "reset fail, stalled fail, truncated fail");
}

TEST_CASE("a pass on the part of an answer that would have failed is a fault, and so is one on garbage") {
  const SuiteResult result = try_body(R"(
    local banner = target:banner(7000)
    if banner.bytes:find("bad\n", 1, true) then return fail("bad", banner) end
    return pass("not bad", banner))",
                                      one_fail);
  CHECK(faults_of(result) == "garbage pass, reset pass, stalled pass, truncated pass");
}

TEST_CASE("a pass on a port that says nothing is a fault where the rule asked it to speak") {
  const SuiteResult result =
      try_body("local b = try(target.banner, target, 7000) return pass('well', target:port(7000))", "");
  CHECK(faults_of(result) == "empty pass, garbage pass, reset pass, silence pass");
}

TEST_CASE("a rule that asks for the port alone may pass on whatever it says") {
  CHECK(try_body("return pass('open', target:port(7000))", "").good());
}

TEST_CASE("a fail on silence needs the open port in its evidence") {
  CHECK(try_body("local b = try(target.banner, target, 7000) return fail('open', { p = target:port(7000), b = b })", "")
            .good());
  // Another port in its place shows nothing of this one.
  const SuiteResult result =
      try_body("local c = try(target.connect, target, 7001) return fail('x', target:port(7001))", "");
  CHECK(faults_of(result) == "empty fail, garbage fail, reset fail, silence fail");
}

TEST_CASE("what is read in pieces must come to what is read whole") {
  const SuiteResult result = try_body(R"(
    local stream <close> = target:connect(7000)
    local some = stream:read()
    if #some < 4 then return not_applicable("short") end
    return pass("long", stream))",
                                      one_pass);
  CHECK(faults_of(result).find("split not_applicable") != std::string::npos);
}

TEST_CASE("absent is a pass where the port is seen closed, and never where the host is gone") {
  const SuiteResult result = try_body(reads_lines, one_fail, Status::pass);
  CHECK(result.good());
  CHECK(result.generated.at({"bad", "refused"}).run == 1);
  CHECK(result.generated.at({"bad", "gone"}).run == 1);
}

TEST_CASE("a pass that rests on another peer's words is right when this one falls silent") {
  const std::string body = R"(
    local first = try(target.banner, target, 7000)
    local stream <close> = target:connect(7001)
    local line = stream:read_line { timeout = 5 }
    if line == "good" then return pass("good", stream) end
    return fail(line, stream))";
  const SuiteResult result = try_body(body, R"(case "both" {
    peer { tcp = 7000, says = "whatever\n" }, peer { tcp = 7001, says = "good\n" }, expect { status = "pass" } })");
  CHECK(faults_of(result).empty());
}

TEST_CASE("what is accepted is counted, with its reason, and what is accepted in vain fails") {
  const std::string body = "local b = try(target.banner, target, 7000) return pass('well', target:port(7000))";
  const std::string test = "case 'x' { peer { tcp = 7000 }, expect { status = 'pass' } }";
  const SuiteResult accepted = try_body(body, test + " accept { why = 'so it is' }");
  CHECK(accepted.good());
  CHECK(accepted.results.back().outcome == Outcome::accepted);
  CHECK(accepted.results.back().why == "so it is");
  CHECK_FALSE(try_body(body, test + " accept { kind = 'garbage', why = 'so it is' }").good());
  CHECK_FALSE(try_body(reads_lines, one_pass + " accept { kind = 'garbage', why = 'so it was' }").good());
}

TEST_CASE("replies over UDP are refused, lost, cut and replaced") {
  const std::string body = R"(
    local reply = target:udp(161, { send = "ask" })
    if reply.state ~= "open" then return not_applicable("no") end
    if reply.replies[1].bytes:find("x") then return fail("x", reply) end
    return pass("no x", reply))";
  const SuiteResult result = try_body(body, R"(case "x" {
    peer { tcp = 7000 }, peer { udp = 161, replies = "aax" }, expect { status = "fail" } })");
  CHECK(faults_of(result) == "empty pass, garbage pass, truncated pass");
}

TEST_CASE("a name server that says nothing of use decides nothing") {
  auto rule = std::make_shared<lua::Rule>(*rule_on_7000(R"(
    local answer = try(target.dns, target, "a.example")
    if answer and #answer.answers > 0 then return pass("there", answer) end
    return fail("not there", answer or {}))"));
  rule->record.ports.tcp = PortSet();
  rule->requires_nothing = true;
  const SuiteResult result =
      try_rule(rule, "case 'a' { dns { ['a.example'] = { A = '10.9.9.9' } }, expect { status = 'pass' } }");
  CHECK_FALSE(faults_of(result).empty());
}

}  // namespace
}  // namespace audit::trial

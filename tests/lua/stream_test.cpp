#include "bench.hpp"

namespace audit::lua {

using Catch::Contains;
using net::ScriptStep;

namespace {

std::string talk(const char* body, std::vector<ScriptStep> steps) {
  Bench bench(body);
  bench.port(25, std::move(steps));
  const Outcome outcome = bench.run();
  return outcome.finding.status == Status::informational ? outcome.finding.message
                                                         : ended(outcome) + ": " + outcome.finding.message;
}

}  // namespace

TEST_CASE("a stream reads some, exactly, until and by line") {
  const std::vector<ScriptStep> steps{ScriptStep::say("220 hi\r\nab"), ScriptStep::say("cdeEND", {}, 1),
                                      ScriptStep::say("rest\n"), ScriptStep::hang()};
  CHECK(talk("local c <close> = target:connect(25)\n"
             "return info(table.concat({ c:read_line(), c:read(3), c:read_until('END'), c:read() }, '|'))",
             steps) == "220 hi|abc|deEND|rest\n");
}

TEST_CASE("a read without a size gives what is there, not only the beginning of it") {
  const std::vector<ScriptStep> steps{ScriptStep::say(std::string(10'000, 'x')), ScriptStep::hang()};
  CHECK(talk("local c <close> = target:connect(25)\nreturn info(#c:read() .. '')", steps) == "10000");
}

TEST_CASE("writes go out once each, can be chained, and the peer's answer comes back") {
  Bench bench(
      "local c <close> = target:connect(25) c:read_line()\n"
      "c:write('EHLO a\\r\\n'):write('QUIT\\r\\n')\nreturn info(c:read_line())");
  bench.port(25, {ScriptStep::say("220\r\n"), ScriptStep::expect("QUIT\r\n"), ScriptStep::say("221 bye\r\n")});
  CHECK(bench.run().finding.message == "221 bye");
  CHECK(bench.sent(25, "EHLO a\r\n") == 1);
  CHECK(bench.sent(25, "QUIT\r\n") == 1);
}

TEST_CASE(
    "what a check asked is done once, however long it computes afterwards (a finished write was sent again at each "
    "turn)") {
  Bench bench(
      "local c <close> = target:connect(25) c:write('once')\nfor i = 1, 1000000 do end\n"
      "return info(c:read(4) .. #c:read(4))");
  bench.port(25, {ScriptStep::say("12345678"), ScriptStep::hang()});
  const Outcome outcome = bench.run();
  CHECK(outcome.finding.message == "12344");
  CHECK(bench.sent(25, "once") == 1);
  CHECK(bench.sent(25, "") == 1);
  CHECK(outcome.record.size() == 1);
  Bench reading(
      "local c <close> = target:connect(25) local a = c:read(2)\nfor i = 1, 1000000 do end\nreturn info(a .. "
      "c:read(2))");
  reading.port(25, {ScriptStep::say("12345678"), ScriptStep::hang()});
  CHECK(reading.run().finding.message == "1234");
  Bench asking("target:port(22)\nfor i = 1, 1000000 do end\nreturn info('x')");
  asking.port(22);
  CHECK(asking.run().record.size() == 1);
}

TEST_CASE("the fields of a stream") {
  CHECK(talk("local c <close> = target:connect(25) return info(c.remote .. ' ' .. math.type(c.connect_time) .. ' ' .. "
             "type(c['local']) .. ' ' .. tostring(c.nothing) .. getmetatable(c))",
             {}) == "10.0.0.1:25 float string nilstream");
}

TEST_CASE("a stream that is closed, by close or by leaving its block, refuses everything but close") {
  for (const char* method : {"read", "read_line", "shutdown", "write", "read_until"}) {
    INFO(method);
    CHECK_THAT(
        talk((std::string("local c = target:connect(25) c:close() c:close() c:") + method + "('x') return info('?')")
                 .c_str(),
             {}),
        Contains("the stream is closed"));
    CHECK_THAT(talk((std::string("local k do local c <close> = target:connect(25) k = c end k:") + method +
                     "('x') return info('?')")
                        .c_str(),
                    {}),
               Contains("the stream is closed"));
  }
}

TEST_CASE("wrong arguments of a stream's methods are mistakes of the rule") {
  for (const char* call :
       {"c.read()", "c.read(target)", "c:read(0)", "c:read(1 << 21)", "c:read('x')", "c:read_until('')",
        "c:read_until()", "c:read_until(('x'):rep(2000))", "c:read_until('x', 0)", "c:write()", "c:write({})",
        "c:read(1, 5)", "c:read(1, { timeout = 0 })", "c:read(1, { time = 1 })", "c:read(1, { timeout = 'x' })",
        "c:read(1, { [1] = 1 })", "c:read_line({ timeout = 1e9 })"}) {
    INFO(call);
    CHECK_THAT(talk((std::string("local c <close> = target:connect(25) ") + call + " return info('?')").c_str(), {}),
               Contains("rule_error"));
  }
}

TEST_CASE("a read that waits in vain is a timeout of its own option") {
  CHECK(
      talk(
          "local c <close> = target:connect(25) local r, kind = try(c.read, c, 1, { timeout = 0.5 }) return info(kind)",
          {ScriptStep::hang()}) == "timeout");
  CHECK(talk("local c <close> = target:connect(25) local r, kind = try(c.read_line, c) return info(kind)",
             {ScriptStep::say("half")}) == "eof");
}

TEST_CASE("a check that ends with a stream open, whichever way, closes it and gives its place back") {
  for (const char* end :
       {"return info('left open')", "error('in mid-talk')", "while true do end",
        "target:banner({ address = '10.9.9.9', port = 1 })", "local d <close> = target:connect(25) error('x')"}) {
    INFO(end);
    Budget budget;
    budget.steps = 1'000'000;
    Bench bench(
        {rule_of(std::string("c = target:connect(25) ") + end, "test.a"),
         rule_of("local t = {} for i = 1, 8 do t[i] = target:connect(25, { timeout = 1 }) end return info(#t .. '')",
                 "test.b")},
        budget);
    bench.port(25, {ScriptStep::hang()});
    for (int i = 0; i < 20; ++i) (void)bench.run(0);
    CHECK(bench.run(1).finding.message == "8");  // as many as a target has places
  }
}

TEST_CASE("what was said and heard is the stream's observation") {
  Bench bench("local c <close> = target:connect(25) c:write('ping') return fail('x', { talk = c, heard = c:read(4) })");
  bench.port(25, {ScriptStep::expect("ping"), ScriptStep::say("pong")});
  const Finding finding = bench.run().finding;
  REQUIRE(finding.evidence.size() == 2);
  CHECK(finding.evidence[0].note == Value("pong"));
  CHECK(*finding.evidence[1].observation->fields.find("sent") == Value("ping"));
  CHECK(*finding.evidence[1].observation->fields.find("received") == Value("pong"));
}

}  // namespace audit::lua

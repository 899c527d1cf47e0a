#include "bench.hpp"

namespace audit::lua {

using Catch::Contains;
using net::ScriptStep;
using namespace std::chrono_literals;

namespace {

/// What a body says whose ports 22 and 23 speak after a second each.
struct Slow {
  explicit Slow(std::string_view body) : bench(body) {
    bench.port(22, {ScriptStep::say("ssh\n", 1s), ScriptStep::hang()});
    bench.port(23, {ScriptStep::say("login\n", 2s), ScriptStep::hang()});
  }
  std::string said() {
    const Instant began = bench.world.now();
    outcome = bench.run();
    took = bench.world.now() - began;
    return outcome.finding.status == Status::informational ? outcome.finding.message
                                                           : ended(outcome) + ": " + outcome.finding.message;
  }

  Bench bench;
  Outcome outcome;
  Duration took{};
};

}  // namespace

TEST_CASE("functions of a list and of names give what they return first, under the same keys") {
  CHECK(said("local r = parallel { function() return 1, 2 end, function() end, function() return 'c' end,\n"
             "  name = function() return true end }\n"
             "return info(('%d %s %s %s'):format(r[1], tostring(r[2]), r[3], tostring(r.name)))") == "1 nil c true");
  CHECK(said("return info(tostring(next(parallel {})))") == "nil");
}

TEST_CASE("probes of one rule wait side by side, not one after the other") {
  Slow slow(
      "local r = parallel { a = function() local c <close> = target:connect(23) return c:read_line() end,\n"
      "  b = function() local c <close> = target:connect(22) return c:read_line() end }\n"
      "return info(r.a .. ' ' .. r.b)");
  CHECK(slow.said() == "login ssh");
  CHECK(slow.took < 2'500ms);
}

TEST_CASE("the record has what each function asked, in the order of the functions, whichever answered first") {
  Slow slow(
      "parallel { function() local c <close> = target:connect(23) c:read_line() end,\n"
      "  function() local c <close> = target:connect(22) c:read_line() end }\n"
      "target:port(24)\nreturn info('done')");
  CHECK(slow.said() == "done");
  REQUIRE(slow.outcome.record.size() == 3);
  CHECK(slow.outcome.record[0]->endpoint == "tcp/10.0.0.1:23");
  CHECK(slow.outcome.record[1]->endpoint == "tcp/10.0.0.1:22");
  CHECK(slow.outcome.record[2]->endpoint == "tcp/10.0.0.1:24");
  CHECK(slow.outcome.finding.evidence.size() == 3);
}

TEST_CASE("functions that ask the same share one probe, and each has it in its record") {
  Slow slow(
      "local ask = function() return target:banner(22) end local r = parallel { ask, ask, ask }\n"
      "return info(r[1].text .. r[2].text .. r[3].text, r[2])");
  CHECK(slow.said() == "ssh\nssh\nssh\n");
  CHECK(slow.bench.sent(22, "") == 1);
  CHECK(slow.outcome.record.size() == 3);
}

TEST_CASE("all functions run to their end; the first error in their order is the rule's, with its kind") {
  Slow slow(
      "local done\nlocal ok, kind, message = pcall(parallel, { function() error('late', 0) end,\n"
      "  function() error('first of the names', 0) end, z = function() target:banner(22) done = true end })\n"
      "return info(tostring(ok) .. ' ' .. tostring(kind) .. ' ' .. tostring(done))");
  CHECK(slow.said() == "false late true");
  CHECK(said("local nothing, kind = try(parallel, { function() return target:banner(80) end })\n"
             "return info(tostring(nothing) .. ' ' .. kind)") == "nil refused");
  CHECK(said("parallel { function() return target:banner(80) end }").starts_with("error refused: "));
  CHECK_THAT(said("parallel { function() local t = nil; return t.x end }"), Contains("attempt to index a nil value"));
}

TEST_CASE("what a function has open is closed when it ends, by an error too") {
  Slow slow(
      "local open\nlocal ok = pcall(parallel, { function() local c <close> = target:connect(22) open = c error('x') "
      "end })\n"
      "local closed = not pcall(open.read, open)\nreturn info(tostring(ok) .. ' ' .. tostring(closed))");
  CHECK(slow.said() == "false true");
  CHECK(said("local order = ''\npcall(parallel, { function()\n"
             "  local x <close> = setmetatable({}, { __close = function() order = order .. 'closed' end }) error('x') "
             "end })\n"
             "return info(order)") == "closed");
}

TEST_CASE("a stream outlives the function that opened it, and belongs to one function at a time") {
  Slow slow("local c = parallel { function() return target:connect(22) end }[1]\nreturn info(c:read_line())");
  CHECK(slow.said() == "ssh");
  Slow both(
      "local c <close> = target:connect(22)\nlocal ask = function() return c:read_line() end\n"
      "parallel { ask, ask }");
  CHECK_THAT(both.said(),
             Contains("error rule_error") && Contains("another function of `parallel` is using this stream"));
}

TEST_CASE("a verdict in a function is the rule's, and one is enough") {
  CHECK(said("parallel { function() info('from within') end }") == "from within");
  CHECK_THAT(said("parallel { function() info('a') end, function() info('b') end }"), Contains("gave 2 verdicts"));
}

TEST_CASE("functions may run functions side by side themselves") {
  Slow slow(
      "local r = parallel { function() return parallel { x = function() return target:banner(23) end,\n"
      "  y = function() return target:banner(22) end } end }\nreturn info(r[1].x.text .. r[1].y.text)");
  CHECK(slow.said() == "login\nssh\n");
  CHECK(slow.outcome.record.size() == 2);
}

TEST_CASE("a table that a function changes while it runs is no matter") {
  CHECK(
      said("local t = {} for i = 1, 5 do t['n' .. i] = function() for k in pairs(t) do t[k] = nil end target:port(22)\n"
           "  return i end end local r = parallel(t) local s = 0 for _, v in pairs(r) do s = s + v end\n"
           "return info(tostring(s))") == "15");
}

TEST_CASE("what is no table of functions, or too many, is said") {
  CHECK_THAT(said("parallel(1)"), Contains("table expected"));
  CHECK_THAT(said("parallel { target:port(22) }"), Contains("a table of functions is expected, got a table in it"));
  CHECK_THAT(said("parallel { [1.5] = function() end }"), Contains("stand in a list, or each has a name"));
  CHECK_THAT(said("parallel { [('x'):rep(65)] = function() end }"), Contains("at most 64 bytes"));
  CHECK_THAT(said("local t = {} for i = 1, 65 do t[i] = function() end end parallel(t)"),
             Contains("at most 64 functions run side by side"));
  CHECK_THAT(said("for i = 1, 300 do parallel { function() end } end"), Contains("may start 256 functions in all"));
  CHECK_THAT(said("table.sort({ 2, 1 }, function() parallel { function() end } return true end)"),
             Contains("from inside a callback"));
}

TEST_CASE("the check's budget, deadline and scope hold for all its functions together") {
  Budget budget;
  budget.steps = 1'000'000;
  CHECK(ended(run_once("parallel { function() while true do end end, function() return target:banner(22) end }",
                       budget)) == "error over_budget");
  CHECK(ended(run_once("pcall(parallel, { function() while true do pcall(function() while true do end end) end end })",
                       budget)) == "error over_budget");
  CHECK(ended(run_once("local f = function() for i = 1, 30000 do end end\n"
                       "while true do pcall(parallel, { f, f, f, f }) end",
                       budget)) == "error over_budget");
  budget = Budget();
  budget.memory = 1U << 20U;
  CHECK(ended(run_once("parallel { function() local t = {} while true do t[#t + 1] = {} end end }", budget)) ==
        "error over_budget");
  budget = Budget();
  budget.time = 3s;
  CHECK(ended(run_once(
            "parallel { function() local c = target:connect(22) c:read_line() c:read(1, { timeout = 60 }) end,\n"
            "  function() target:port(22) end }",
            budget)) == "error timeout");
  CHECK(ended(run_once(
            "pcall(parallel, { function() target:dns('x', { server = '192.0.2.1' }) end }) info('went on')")) ==
        "not_reviewed out_of_scope");
}

TEST_CASE("a stop ends the functions that wait") {
  Slow slow("parallel { function() target:banner(22) end, function() target:banner(23) end } info('?')");
  asio::post(slow.bench.world.io(), [&] { slow.bench.world.stop(); });
  CHECK(slow.said().starts_with("not_reviewed stopped"));
}

TEST_CASE("functions that compute take turns with each other and with other checks") {
  std::vector<std::shared_ptr<Rule>> rules{
      rule_of("local n = 0 parallel { function() for i = 1, 1000000 do n = n + 1 end end,\n"
              "  function() for i = 1, 1000000 do n = n + 1 end end } return info(tostring(n))",
              "test.a"),
      rule_of("return info(target:banner(22).text)", "test.b")};
  Bench bench(std::move(rules));
  bench.port(22, {ScriptStep::say("hello\n"), ScriptStep::end()});
  const std::vector<Outcome> outcomes = bench.run_together({0, 1});
  CHECK(outcomes[0].finding.message == "2000000");
  CHECK(outcomes[1].finding.message == "hello\n");
}

}  // namespace audit::lua

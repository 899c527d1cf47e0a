#include "bench.hpp"

namespace audit::lua {

using Catch::Contains;

TEST_CASE("a probe that cannot answer raises, and its kind is the check's reason") {
  const auto reason = [](std::vector<net::ScriptStep> steps, net::PortEvent event, const char* body) {
    Bench bench(body);
    bench.port(25, std::move(steps), event);
    return ended(bench.run());
  };
  using net::PortEvent;
  using net::ScriptStep;
  CHECK(reason({}, PortEvent::closed, "return pass(target:banner(25))") == "error refused");
  CHECK(reason({}, PortEvent::silent, "return pass(target:banner(25))") == "error timeout");
  CHECK(reason({}, PortEvent::unreachable, "return pass(target:banner(25))") == "not_reviewed unreachable");
  CHECK(reason({}, PortEvent::fault, "return pass(target:banner(25))") == "error local_fault");
  CHECK(reason({ScriptStep::reset()}, PortEvent::open, "return pass(target:banner(25))") == "error reset");
  CHECK(reason({ScriptStep::end()}, PortEvent::open, "return pass(target:banner(25))") == "error eof");
  CHECK(reason({ScriptStep::hang()}, PortEvent::open, "return pass(target:banner(25))") == "error timeout");
  CHECK(reason({ScriptStep::say("x")}, PortEvent::open, "local c = target:connect(25) c:read_until('end', 1)") ==
        "error truncated");
}

TEST_CASE("try gives nil, kind and message of a probe that cannot answer, and the results of one that can") {
  CHECK(said("local a, kind, message = try(target.banner, target, 23) return info(tostring(a) .. kind .. ' ' .. "
             "type(message) .. tostring(message:find('10.0.0.1', 1, true) ~= nil))") == "nilrefused stringtrue");
  CHECK(said("local b = try(target.banner, target, 22) return info(b.text)") == "hello\n");
  CHECK(said("return info(table.concat({ try(function(...) return ... end, 'a', 'b') }, '+'))") == "a+b");
  CHECK(said("local a, kind = try(function() target:port(22) return target:banner(23) end) return info(kind)") ==
        "refused");
}

TEST_CASE("pcall catches a probe's error, and tostring shows it") {
  CHECK_THAT(said("local ok, e = pcall(target.banner, target, 23) return info(tostring(ok) .. tostring(e) .. e.kind)"),
             Contains("falserefused: ") && Contains("refused"));
  CHECK(
      said(
          "return info(table.concat({ select(2, pcall(function(a) target:port(22) return a, 'b' end, 'a')) }, '+'))") ==
      "a+b");
  CHECK(said("local ok, e = pcall(error, { mine = 1 }) return info(tostring(ok) .. e.mine)") == "false1");
  CHECK(said("local ok, e = pcall(error) return info(tostring(ok) .. tostring(e))") == "falsenil");
}

TEST_CASE("a caught probe error may be raised again, and is the reason then") {
  const Outcome outcome = run_once("local ok, e = pcall(target.banner, target, 23) error(e)");
  CHECK(ended(outcome) == "error refused");
}

TEST_CASE("a rule that alters a probe's error does not turn it into a verdict") {
  for (const char* change :
       {"e.kind = nil", "e.kind = 'pass'", "e.kind = {}", "e.message = nil", "e.kind = 'observed'"}) {
    INFO(change);
    const Outcome outcome =
        run_once(std::string("local ok, e = pcall(target.banner, target, 23) ") + change + " error(e)");
    CHECK(outcome.finding.status == Status::error);
    CHECK_FALSE(outcome.finding.message.empty());
  }
}

TEST_CASE("mistakes of the rule pass through try, with file, line and traceback") {
  for (const char* body :
       {"try(function() local x; x() end)", "try(error, 'mine')", "try(nil)", "try(5)", "local x = nil + 1",
        "target.nothing()", "target:nothing()", "error('plain')", "local s = 'a' s.b.c = 1"}) {
    INFO(body);
    const Outcome outcome = run_once(std::string(body) + "\nreturn pass('got away', target:port(22))");
    CHECK(ended(outcome) == "error rule_error");
    CHECK_THAT(outcome.finding.message, Contains("test.rule.lua:2:") && Contains("stack traceback"));
  }
}

TEST_CASE("an error that is no text is a rule_error") {
  for (const char* body : {"error({})", "error()", "error(nil)", "error(true)", "error(42)", "error(target)",
                           "error(pairs)", "error(setmetatable({}, { __tostring = function() error('again') end }))"}) {
    INFO(body);
    const Outcome outcome = run_once(body);
    CHECK(ended(outcome) == "error rule_error");
    CHECK_FALSE(outcome.finding.message.empty());
    CHECK_THAT(outcome.finding.message, !Contains("0x"));
  }
}

TEST_CASE("the text of an error is capped, and its traceback is kept (a rule could put megabytes into a report)") {
  const Outcome outcome = run_once("error(('x'):rep(10 << 20))");
  CHECK(ended(outcome) == "error rule_error");
  CHECK(outcome.finding.message.size() < 8'192);
  CHECK_THAT(outcome.finding.message, Contains("stack traceback"));
}

TEST_CASE("neither try nor pcall catches a local fault, the scope, a spent budget, a stop or the check's deadline") {
  const char* wrappers[] = {
      "try(function() %s end)",
      "pcall(function() %s end)",
      "while true do pcall(function() %s end) end",
      "pcall(pcall, function() %s end)",
      "try(pcall, function() try(function() %s end) end)",
      "local x <close> = setmetatable({}, { __close = function() pass('closed') end }) pcall(function() %s end)"};
  struct Way {
    const char* probe;
    const char* ending;
  };
  const Way ways[] = {{"target:banner(25)", "error local_fault"},
                      {"target:port(25)", "error local_fault"},
                      {"target:port(9100)", "not_reviewed out_of_scope"},
                      {"target:banner({ address = '10.9.9.9', port = 22 })", "not_reviewed out_of_scope"},
                      {"for i = 1, 100 do target:port(22) end", "error over_budget"},
                      {"while true do end", "error over_budget"},
                      {"local t = {} while true do t[#t + 1] = {} end", "error over_budget"},
                      {"while true do try(target.banner, target, 26, { fresh = true }) end", "error timeout"}};
  for (const char* wrapper : wrappers) {
    for (const Way& way : ways) {
      std::string body = wrapper;
      body.replace(body.find("%s"), 2, way.probe);
      body += "\nreturn pass('got away', target:port(22))";
      INFO(body);
      Budget budget;
      budget.probes = 30;
      budget.steps = 2'000'000;
      budget.memory = 4U << 20U;
      Bench bench(body, budget);
      bench.never.tcp.add(9100, 9107);
      bench.port(22);
      bench.port(25, {}, net::PortEvent::fault);
      bench.port(26, {net::ScriptStep::hang()});
      CHECK(ended(bench.run()) == way.ending);
    }
  }
}

TEST_CASE("a stop ends the check at whatever it waits for, and nothing catches it") {
  for (const char* body : {"try(target.banner, target, 26)", "while true do pcall(target.banner, target, 26) end",
                           "local c = target:connect(26) while true do pcall(c.read, c) end", "while true do end",
                           "target:dns('a.example')", "target:port(27)"}) {
    INFO(body);
    Budget budget;
    budget.steps = 50'000'000;
    Bench bench(std::string(body) + " return pass('got away', target:port(22))", budget);
    bench.port(22);
    bench.port(26, {net::ScriptStep::hang()});
    bench.port(27, {}, net::PortEvent::silent);
    Endpoint server = tcp("10.0.0.53", 53);
    server.transport = Transport::udp;
    bench.resolver.servers = {server};
    net::Sleeper* pending = nullptr;
    asio::co_spawn(
        bench.io,
        [&]() -> awaitable<void> {
          net::Sleeper sleeper(bench.world.deadlines());
          pending = &sleeper;
          const net::Wake woken = co_await sleeper.sleep(bench.world.now() + std::chrono::milliseconds(500));
          CHECK(woken == net::Wake::deadline);
          bench.world.stop();
        },
        [](const std::exception_ptr& failure) { REQUIRE_FALSE(failure); });
    if (std::string_view(body) == "while true do end")  // it never waits, so the clock stands still: stop it at once
      asio::post(bench.io, [&] {
        if (pending != nullptr) pending->wake(net::Wake::deadline);
      });
    CHECK(ended(bench.run()) == "not_reviewed stopped");
  }
}

TEST_CASE("a probe in a callback of Lua's library is a mistake that is explained") {
  CHECK_THAT(said("table.sort({ 2, 1 }, function() target:port(22) end)"), Contains("from inside a callback"));
  CHECK_THAT(said("return info(('a'):gsub('a', function() return target:port(22).state end))"),
             Contains("from inside a callback"));
  CHECK(said("local t = setmetatable({}, { __index = function(_, k) return target:port(k).state end }) return "
             "info(t[22])") == "open");
  CHECK(said("for s in (function() return target:port(22).state end) do return info(s) end") == "open");
}

}  // namespace audit::lua

#include "lua/interactive.hpp"

#include <algorithm>

#include "bench.hpp"
#include "lua/option_names.hpp"

namespace audit::lua {

using Catch::Contains;
using net::ScriptStep;
using Parsed = Interactive::Parsed;

namespace {

/// A session with the scripted 10.0.0.1, whose port 22 says hello.
class Session {
 public:
  explicit Session(const Budget& budget = Budget())
      : language(rules, budget, [this](const std::string& line) { printed.push_back(line); }) {
    world.host(address("10.0.0.1"));
    world.host(address("10.0.0.2"));
    port(22, {ScriptStep::say("hello\n"), ScriptStep::hang()});
    aim("10.0.0.1");
  }

  void aim(const std::string& host, Safety most = Safety::intrusive) {
    targets.push_back(std::make_unique<probe::Target>(
        services, host, "", net::Permit({address(host)}, TransportPorts()), probe::TargetLimits()));
    Subject subject;
    subject.id = host;
    subject.address = host;
    language.aim(*targets.back(), subject, most);
  }
  void port(std::uint16_t number, std::vector<ScriptStep> steps) {
    net::ScriptedPort behaviour;
    behaviour.steps = std::move(steps);
    world.port(tcp("10.0.0.1", number), std::move(behaviour));
  }

  Reply run(const std::string& text) {
    std::string problem;
    REQUIRE(language.parse(text, "test", 1, problem) == Parsed::whole);
    Reply reply;
    const auto ask = [&]() -> awaitable<void> { reply = co_await language.run(); };
    asio::co_spawn(io, ask(), [](const std::exception_ptr& failure) { REQUIRE_FALSE(failure); });
    world.run();
    return reply;
  }
  /// What an input shows: its values, or "reason: message".
  std::string show(const std::string& text) {
    const Reply reply = run(text);
    std::string shown;
    for (const std::string& value : reply.values) shown += (shown.empty() ? "" : "|") + value;
    if (reply.error) shown += std::string(name_of(reply.error->reason)) + ": " + reply.error->message;
    return shown;
  }

  asio::io_context io{1};
  net::ScriptedWorld world{io};
  net::ResolverConfig resolver;
  probe::Identity identity;
  net::Rate rate{1e6};
  probe::Services services{world, rate, resolver, identity};
  RuleSet rules;
  std::vector<std::string> printed;
  std::vector<std::unique_ptr<probe::Target>> targets;
  Interactive language;
};

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

TEST_CASE("an input is an expression, or a statement, or goes on in the next line") {
  Session session;
  CHECK(session.show("1 + 1") == "2");
  CHECK(session.show("1, nil, 'a'") == "1|nil|\"a\"");
  CHECK(session.show("x = 5").empty());
  CHECK(session.show("x") == "5");
  std::string problem;
  CHECK(session.language.parse("for i = 1, 3 do", "test", 1, problem) == Parsed::unfinished);
  CHECK(session.language.parse("for i = 1, 3 do\n x = i end", "test", 1, problem) == Parsed::whole);
  CHECK(session.language.parse("{ a =", "test", 1, problem) == Parsed::unfinished);
  CHECK(session.language.parse("[[ text", "test", 1, problem) == Parsed::unfinished);
  CHECK(session.language.parse("x = = 2", "test", 7, problem) == Parsed::wrong);
  CHECK_THAT(problem, Contains("test:7: unexpected symbol"));
}

TEST_CASE("globals live from input to input, locals do not, and what rules share stays frozen") {
  Session session;
  CHECK(session.show("function twice(n) return 2 * n end").empty());
  CHECK(session.show("twice(21)") == "42");
  CHECK(session.show("local y = 1").empty());
  CHECK(session.show("y") == "nil");
  CHECK_THAT(session.show("string.len = nil"), Contains("shared by all rules"));
  CHECK_THAT(session.show("io.write('x')"), Contains("a nil value (global 'io')"));
}

TEST_CASE("an error shows its place, or its kind; a traceback only where there is a way to tell") {
  Session session;
  CHECK(session.show("\nnope()") == "rule_error: test:2: attempt to call a nil value (global 'nope')");
  session.run("function deep() error('below') end");
  CHECK_THAT(session.show("deep()"), Contains("test:1: below\nstack traceback:"));
  CHECK_THAT(session.show("target:banner(23)"), Contains("refused: "));
  CHECK_THAT(session.show("try(target.banner, target, 23)"), Contains("nil|\"refused\"|\""));
  CHECK(session.show("7") == "7");
}

TEST_CASE("an observation shows its fields and is the evidence of a later input's verdict") {
  Session session;
  session.run("b = target:banner(22)");
  const std::string shown = session.show("b");
  CHECK_THAT(shown, Catch::StartsWith("banner tcp/10.0.0.1:22 {"));
  CHECK_THAT(shown, Contains("bytes = \"hello\\n\""));
  const Reply reply = session.run("fail('It speaks', b, { severity = 'high', key = 'k' })");
  REQUIRE(reply.verdict);
  CHECK(reply.values.empty());
  CHECK(reply.verdict->finding.status == Status::fail);
  CHECK(reply.verdict->finding.severity == Severity::high);
  REQUIRE(reply.verdict->record.size() == 1);
  CHECK(reply.verdict->record.front()->probe == "banner");
  CHECK_THAT(session.show("pass('a') pass('b')"), Contains("gave 2 verdicts"));
}

TEST_CASE("questions of two inputs share one probe, and `fresh` asks anew") {
  Session session;
  session.run("target:banner(22)");
  const std::size_t sent = session.world.sent().size();
  session.run("target:banner(22)");
  CHECK(session.world.sent().size() == sent);
  session.run("target:banner(22, { fresh = true })");
  CHECK(session.world.sent().size() > sent);
}

TEST_CASE("a stream lives from input to input, past the minute of the one that opened it") {
  Session session;
  session.port(25, {ScriptStep::say("220 hi\r\n"), ScriptStep::expect("EHLO\r\n"), ScriptStep::say("250 ok\r\n"),
                    ScriptStep::hang()});
  CHECK(session.show("c = target:connect(25)").empty());
  CHECK_THAT(session.show("c"), Catch::Matches("stream .* -> 10.0.0.1:25 \\(open\\)"));
  CHECK(session.show("c:read_line()") == "\"220 hi\"");
  session.world.sleep_until(session.world.now() + std::chrono::minutes(5));
  CHECK(session.show("c:write('EHLO\\r\\n'):read_line()") == "\"250 ok\"");
  CHECK(session.language.open_streams() == 1);
  session.aim("10.0.0.2");
  CHECK(session.language.refers_to(*session.targets.front()));
  CHECK_THAT(session.show("c:read_line()"), Contains("the stream is closed"));
  CHECK_THAT(session.show("c"), Contains("(closed)"));
  CHECK(session.show("target.id") == "\"10.0.0.2\"");
}

TEST_CASE("each input has its own budget, and the one that is over it ends alone") {
  Budget budget;
  budget.steps = 100'000;
  Session session(budget);
  for (int i = 0; i < 5; ++i) CHECK(session.show("for i = 1, 20000 do end").empty());
  CHECK_THAT(session.show("while true do end"), Contains("over_budget: ") && Contains("endless loop"));
  CHECK_THAT(session.show("pcall(function() while true do end end)"), Contains("over_budget: "));
  CHECK(session.show("'still here'") == "\"still here\"");
}

TEST_CASE("the deadline of an input ends a wait, and is not the session's") {
  Session session;
  session.port(25, {ScriptStep::hang()});
  session.run("c = target:connect(25)");
  CHECK_THAT(session.show("c:read(1, { timeout = 300 })"), Contains("timeout"));
  CHECK(session.show("1") == "1");
}

TEST_CASE("an intrusive question needs a target that allows it") {
  Session session;
  session.aim("10.0.0.1", Safety::normal);
  CHECK_THAT(session.show("target:tls_accepts(22)"), Contains("safety = \"intrusive\""));
}

TEST_CASE("print shows what a value is, text as it is, and no control reaches the terminal") {
  Session session;
  session.run("print('a\\nb\\27[2J', { 1 }, nil)");
  REQUIRE(session.printed.size() == 1);
  CHECK(session.printed.front() == "a\nb\\x1b[2J\t{ 1 }\tnil");
}

TEST_CASE("tables are shown with sorted keys, and what is left out is said") {
  Session session;
  CHECK(session.show("{ b = 1, a = 'x', 10, 20, [2.5] = true, ['a b'] = 3, [false] = 4 }") ==
        "{ 10, 20, [2.5] = true, a = \"x\", [\"a b\"] = 3, b = 1, [false] = 4 }");
  CHECK(session.show("{}") == "{}");
  CHECK(session.show("{ 1.0, 2^53, 1/0, -0.5 }") == "{ 1.0, 9.007199254741e+15, inf, -0.5 }");
  CHECK(session.show("{ { { { { { { 1 } } } } } } }") == "{ { { { { { { … (1 member) } } } } } } }");
  CHECK_THAT(session.show("(function() local t = {} for i = 1, 100 do t[i] = i end return t end)()"),
             Contains("… (36 more)"));
  CHECK_THAT(session.show("(function() local t = {} for i = 1, 100 do t['k' .. i] = i end return t end)()"),
             Contains("… (36 more)"));
  CHECK(session.show("(function() local t = {} t.t = t return t end)()") == "{ t = { … (itself) } }");
  CHECK(session.show("('x'):rep(1005)") == "\"" + std::string(1'000, 'x') + "\"… (5 bytes more)");
  CHECK(session.show("'a\"b\\\\\\0\\27\\xff'") == R"("a\"b\\\x00\x1b\xff")");
  CHECK(session.show("{ [{}] = 1, f = pass }") == "{ f = function, … (1 key that is a table or a function) }");
  const std::string wide = session.show(
      "(function() local y = ('y'):rep(900) local function t(d) if d == 0 then return y end\n"
      "local all = {} for i = 1, 50 do all[i] = t(d - 1) end return all end return t(3) end)()");
  CHECK(wide.size() < 200'000);
  CHECK_THAT(wide, Contains("more)"));
}

TEST_CASE("showing a value runs none of its Lua") {
  Session session;
  CHECK(session.show("setmetatable({ 1 }, { __index = function() error('ran') end, __len = function() error('ran') end,"
                     " __pairs = function() error('ran') end, __tostring = function() error('ran') end })") == "{ 1 }");
}

TEST_CASE("TAB finds globals, members, a target's words and a probe's options") {
  Session session;
  session.run("mine = { alpha = { beta = 1 }, f = pass } text = 'x' c = target:connect(22)");
  Interactive& language = session.language;
  for (const char* name : {"mine", "target", "pass", "string", "print", "require", "bytes"})
    CHECK(has(language.names_after("", false), name));
  CHECK(language.names_after("mine", false) == std::vector<std::string>{"alpha", "f"});
  CHECK(language.names_after("mine", true) == std::vector<std::string>{"f"});
  CHECK(language.names_after("mine.alpha", false) == std::vector<std::string>{"beta"});
  CHECK(has(language.names_after("string", false), "gsub"));
  CHECK(has(language.names_after("text", true), "gsub"));
  CHECK(has(language.names_after("target", true), "banner"));
  CHECK_FALSE(has(language.names_after("target", true), "address"));
  CHECK(has(language.names_after("target", false), "address"));
  CHECK(has(language.names_after("c", true), "read_until"));
  CHECK(language.names_after("nobody.there", false).empty());
  CHECK(language.names_after("mine.f.x", true).empty());
  for (const probe::Word& word : probe::words()) {
    INFO(word.name);
    CHECK(option_names(word.name).contains("timeout"));
    CHECK(option_names(word.name).contains("fresh"));
  }
  CHECK(option_names("connect").contains("timeout"));
  CHECK(option_names("nothing").empty());
}

TEST_CASE("inputs, wrong and right, leave nothing behind") {
  Session session;
  const auto round = [&] {
    session.run("x = ('x'):rep(1000000)");
    CHECK_THAT(session.show("error({ x })"), Contains("an error that is not a text (a table)"));
    session.run("local c <close> = target:connect(22) return { ('y'):rep(1000000) }");
    std::string problem;
    CHECK(session.language.parse("x = ", "test", 1, problem) == Parsed::unfinished);
  };
  round();
  session.run("x = nil");
  const std::size_t before = session.language.memory();
  for (int i = 0; i < 20; ++i) round();
  session.run("x = nil");
  CHECK(session.language.memory() < before + 64 * 1'024);
}

}  // namespace audit::lua

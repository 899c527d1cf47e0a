#include "bench.hpp"

namespace audit::lua {

using Catch::Contains;

namespace {

Budget small() {
  Budget budget;
  budget.steps = 2'000'000;
  budget.memory = 8U << 20U;
  return budget;
}

struct Misbehaviour {
  const char* what;
  const char* body;
};

// Each ends as error, over_budget or rule_error.
const Misbehaviour misbehaviours[] = {
    {"a loop", "while true do end"},
    {"a loop in a function of parallel", "parallel { function() while true do end end, function() end }"},
    {"parallel functions all the way down", "local function f() parallel { f } end f()"},
    {"a loop of parallels in pcall", "while true do pcall(parallel, { function() error('x') end }) end"},
    {"a loop in __close of a parallel function",
     "parallel { function() local x <close> = setmetatable({}, { __close = function() while true do end end }) "
     "error('x') end }"},
    {"a loop in pcall", "pcall(function() while true do end end)"},
    {"a loop of pcalls of loops", "while true do pcall(function() while true do end end) end"},
    {"a loop of tries of loops", "while true do try(function() while true do end end) end"},
    {"a loop of pcalls of C functions", "while true do pcall(error) end"},
    {"pcalls all the way down", "local function f() pcall(f) while true do pcall(f) end end f()"},
    {"a loop in a metamethod",
     "local t = setmetatable({}, { __index = function() while true do end end }) return info(t.x)"},
    {"a loop in __eq within pcall",
     "local m = { __eq = function() while true do end end } local a, b = setmetatable({}, m), setmetatable({}, m) "
     "while true do pcall(function() return a == b end) end"},
    {"a loop in a sort order", "table.sort({ 3, 2, 1 }, function() while true do end end)"},
    {"a loop of pcalls in a sort order",
     "table.sort({ 3, 2, 1 }, function() while true do pcall(function() while true do end end) end end)"},
    {"a sort order that yields nothing sane, for ever",
     "while true do pcall(table.sort, { 5, 3, 1, 4, 2 }, function() return true end) end"},
    {"a loop in __close", "local x <close> = setmetatable({}, { __close = function() while true do end end })"},
    {"a loop in __close after an error",
     "local x <close> = setmetatable({}, { __close = function() while true do end end }) error('x')"},
    {"a loop of pcalls in __close after a loop",
     "local x <close> = setmetatable({}, { __close = function() while true do pcall(function() while true do end end) "
     "end end }) while true do end"},
    {"a loop in __close of a block",
     "do local x <close> = setmetatable({}, { __close = function() while true do end end }) end"},
    {"a loop in a gsub function", "('abc'):gsub('.', function() while true do end end)"},
    {"a loop in gsub's __index table",
     "('abc'):gsub('.', setmetatable({}, { __index = function() while true do end end }))"},
    {"a loop in __tostring", "tostring(setmetatable({}, { __tostring = function() while true do end end }))"},
    {"a loop in __pairs", "for k in pairs(setmetatable({}, { __pairs = function() while true do end end })) do end"},
    {"a loop in __lt of a sort",
     "local m = { __lt = function() while true do end end } table.sort({ setmetatable({}, m), setmetatable({}, m) })"},
    {"a goto loop", "::again:: goto again"},
    {"an iterator without end", "for i in function() return 1 end do end"},
    {"ipairs without end", "for i in ipairs(setmetatable({}, { __index = function(t, i) return i end })) do end"},
    {"table.move over 2^62", "table.move({}, 1, math.maxinteger - 1, 2)"},
    {"table.insert with a length from __len",
     "table.insert(setmetatable({}, { __len = function() return math.maxinteger - 1 end }), 1, 1)"},
    {"table.remove with a length from __len",
     "table.remove(setmetatable({}, { __len = function() return math.maxinteger - 1 end }), 1)"},
    {"table.concat of an __index without end",
     "table.concat(setmetatable({}, { __index = table.concat }), '', 1, math.maxinteger - 1)"},
    {"table.sort with a length from __len",
     "table.sort(setmetatable({}, { __len = function() return 1 << 30 end, __index = rawlen, __newindex = rawlen }))"},
    {"table.unpack of a million", "while true do pcall(table.unpack, {}, 1, 900000) end"},
    {"long texts copied again and again", "local s = ('x'):rep(1 << 20) while true do local t = s:upper() end"},
    {"long texts searched again and again",
     "local s = ('x'):rep(1 << 20) while true do local t = s:find('y', 1, true) end"},
    {"long texts matched again and again", "local s = ('x'):rep(1 << 20) while true do local t = s:match('^x*y') end"},
    {"next of a long table", "local t = {} for i = 1, 1e5 do t['k' .. i] = 1 end while true do next(t) end"},
    {"pairs of a long table", "local t = {} for i = 1, 1e4 do t['k' .. i] = 1 end while true do pairs(t) end"},
    {"a table that grows", "local t = {} while true do t[#t + 1] = {} end"},
    {"a table that grows within pcall",
     "local t = {} while true do pcall(function() while true do t[#t + 1] = {} end end) end"},
    {"a text that doubles", "local s = 'x' while true do s = s .. s end"},
    {"a text that doubles within pcall", "local s = 'x' while true do pcall(function() s = s .. s end) end"},
    {"string.rep kept", "local t = {} while true do t[#t + 1] = ('x'):rep(1 << 20) .. #t end"},
    {"string.rep at once", "local s = ('x'):rep(60 << 20) return pass(s, target:port(22))"},
    {"string.rep refused within pcall", "while true do pcall(string.rep, 'x', 1 << 40) end"},
    {"gsub that multiplies",
     "local s, r = ('x'):rep(1 << 16), ('y'):rep(1 << 16) while true do pcall(string.gsub, s, 'x', r) end"},
    {"string.pack of a huge field", "while true do pcall(string.pack, 'c2147483647', '') end"},
    {"string.format that multiplies",
     "local s = ('x'):rep(1 << 20) local f = ('%s'):rep(100) local t = {} for i = 1, 100 do t[i] = s end while true do "
     "pcall(string.format, f, table.unpack(t)) end"},
    {"table.concat that multiplies",
     "local s = ('x'):rep(1 << 20) local t = {} for i = 1, 1000 do t[i] = s end while true do pcall(table.concat, t) "
     "end"},
    {"hashes without end", "while true do crypto.hash('sha256', ('x'):rep(1 << 20)) end"},
    {"hashes of little without end", "while true do crypto.hash('sha256', '') end"},
    {"HMACs without end", "local s = ('x'):rep(1 << 20) while true do pcall(crypto.hmac, 'sha3-512', s, s) end"},
    {"ciphers without end",
     "local s, k = ('x'):rep(1 << 20), ('k'):rep(8) while true do pcall(crypto.encrypt, 'des-cbc', k, k, s) end"},
    {"random bytes without end", "while true do crypto.random(1024) end"},
    {"hex that doubles", "local s = 'x' while true do s = bytes.hex(s) end"},
    {"base64 without end", "local s = ('x'):rep(1 << 20) while true do pcall(bytes.base64, s) end"},
    {"bad base64 without end", "local s = ('x'):rep(1 << 20) .. '!' while true do pcall(bytes.unbase64, s) end"},
    {"bytes compared without end", "local s = ('x'):rep(1 << 20) while true do bytes.equal(s, s) end"},
    {"bytes unpacked without end", "local s = ('x'):rep(1 << 20) while true do pcall(bytes.unpack, 'z', s) end"},
    {"elements decoded without end",
     "local t = {} for i = 1, 9000 do t[i] = 1 end local s = der.encode(t) while true do der.decode(s) end"},
    {"elements kept without end",
     "local t = {} for i = 1, 9000 do t[i] = 1 end local s = der.encode(t) local kept = {} while true do kept[#kept + "
     "1] = "
     "der.decode(s) end"},
    {"elements encoded without end",
     "local t = {} for i = 1, 9000 do t[i] = 1 end while true do pcall(der.encode, t) end"},
    {"elements that multiply",
     "local t = {} for level = 1, 60 do local u = {} for i = 1, 100 do u[i] = t end t = u end while true do "
     "pcall(der.encode, t) end"},
    {"raise without end", "while true do try(raise, 'eof', 'x') end"},
    {"recursion", "local function f() return 1 + f() end return f()"},
    {"recursion within pcall", "local function f() return 1 + f() end while true do pcall(f) end"},
    {"recursion through C", "local function f(s) return (s:gsub('.', f)) end while true do pcall(f, 'x') end"},
    {"recursion through a metamethod",
     "local t = {} setmetatable(t, { __index = function(_, k) return t[k .. 'x'] end }) return info(t.x)"},
    {"recursion through __close",
     "local function f() local x <close> = setmetatable({}, { __close = f }) end while true do pcall(f) end"},
    {"an error in an error, for ever",
     "local e = setmetatable({}, { __tostring = function() error('x') end }) while true do pcall(error, e) end"},
    {"too many questions", "while true do target:port(22) end"},
    {"too many questions that fail", "while true do try(target.banner, target, 23) end"},
    {"too many streams", "while true do local c <close> = target:connect(22) end"},
};

}  // namespace

TEST_CASE("a rule that misbehaves ends as over_budget or rule_error, and the next check on the same machine is fine") {
  for (const Misbehaviour& rule : misbehaviours) {
    INFO(rule.what);
    Bench bench({rule_of(rule.body, "test.bad"),
                 rule_of("local t = { target:port(22).state } return pass(t[1], target:port(22))", "test.good")},
                small());
    bench.port(22);
    const Outcome bad = bench.run(0);
    CHECK(bad.finding.status == Status::error);
    CHECK((bad.finding.reason == Reason::over_budget || bad.finding.reason == Reason::rule_error));
    const Outcome good = bench.run(1);
    CHECK(ended(good) == "pass");
    CHECK(good.finding.message == "open");
  }
}

TEST_CASE("a check over its budget says of what, and where in the rule") {
  CHECK_THAT(run_once("local x = 1\nwhile true do end", small()).finding.message,
             Contains("test.rule.lua:3:") && Contains("steps"));
  CHECK_THAT(run_once("local t = {}\nwhile true do t[#t + 1] = {} end", small()).finding.message,
             Contains("test.rule.lua:3:") && Contains("8 MiB of memory"));
  CHECK_THAT(run_once("while true do target:port(22) end", small()).finding.message, Contains("4096 questions"));
}

TEST_CASE("a check within its budgets is not cut short") {
  Budget budget = small();
  CHECK(said("local n = 0 for i = 1, 2000000 do n = n + i end return info(tostring(n))") == "2000001000000");
  budget.probes = 10;
  CHECK(ended(run_once("for i = 1, 9 do target:port(22) end return pass(target:port(22))", budget)) == "pass");
  CHECK(ended(run_once("for i = 1, 10 do target:port(22) end return pass(target:port(22))", budget)) ==
        "error over_budget");
}

TEST_CASE("questions that fail count like others (a refused banner could be asked for ever)") {
  Budget budget = small();
  budget.probes = 10;
  Bench bench("for i = 1, 1000 do try(target.banner, target, 23, { fresh = true }) end return info('?')", budget);
  CHECK(ended(bench.run()) == "error over_budget");
  CHECK(bench.sent(23, "") == 10);
}

TEST_CASE("garbage does not count against a check that keeps little") {
  Budget budget;
  budget.memory = 8U << 20U;
  CHECK(ended(run_once("for i = 1, 20000 do local s = ('x'):rep(2000) .. i end return info('x')", budget)) ==
        "informational");
}

TEST_CASE("the check's deadline ends it in the middle of an operation") {
  Bench bench("local c = target:connect(25) while true do try(c.read, c, 1, { timeout = 7 }) end");
  bench.port(25, {net::ScriptStep::hang()});
  const Instant began = bench.world.now();
  const Outcome outcome = bench.run();
  CHECK(ended(outcome) == "error timeout");
  CHECK(bench.world.now() - began == Budget().time);
}

TEST_CASE("a peer that trickles a byte a second costs its own check its 60 seconds and no more") {
  Bench bench("local c = target:connect(25) local s = '' while true do s = s .. c:read(1) end");
  std::vector<net::ScriptStep> steps;
  for (int i = 0; i < 200; ++i) steps.push_back(net::ScriptStep::say("x", std::chrono::seconds(1)));
  bench.port(25, std::move(steps));
  const Instant began = bench.world.now();
  CHECK(ended(bench.run()) == "error timeout");
  CHECK(bench.world.now() - began == Budget().time);
}

TEST_CASE("checks that misbehave do not disturb those that run at the same time") {
  std::vector<std::shared_ptr<Rule>> rules{
      rule_of("local c <close> = target:connect(22) local s = c:read_line() for i = 1, 300000 do end return pass(s, c)",
              "test.good")};
  std::vector<std::size_t> order;
  for (const Misbehaviour& rule : misbehaviours) {
    order.push_back(0);
    order.push_back(rules.size());
    rules.push_back(rule_of(rule.body, "test.bad" + std::to_string(rules.size())));
  }
  Bench bench(std::move(rules), small());
  bench.port(22, {net::ScriptStep::say("hello\n", std::chrono::milliseconds(50)), net::ScriptStep::hang()});
  const std::vector<Outcome> outcomes = bench.run_together(order);
  for (std::size_t i = 0; i < order.size(); i += 2) {
    INFO(misbehaviours[i / 2].what);
    CHECK(ended(outcomes[i]) == "pass");
    CHECK(outcomes[i].finding.message == "hello");
    CHECK(outcomes[i + 1].finding.status == Status::error);
  }
}

}  // namespace audit::lua

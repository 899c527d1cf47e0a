#include <catch2/catch.hpp>

#include "syntax/flow.hpp"
#include "syntax/parser.hpp"

namespace audit::syntax {
namespace {

/// The flow of a text whose last function, `local function check(target)`, is the check. Lines are those of the text.
Flow flow_of(const std::string& text, bool strangers = false) {
  auto parsed = parse(text);
  REQUIRE(std::holds_alternative<std::unique_ptr<Function>>(parsed));
  Function& tree = *std::get<std::unique_ptr<Function>>(parsed);
  auto resolved = resolve(tree);
  REQUIRE(std::holds_alternative<Scopes>(resolved));
  const Function* check = nullptr;
  for (const Statement& one : tree.body.statements)
    if (const auto* helper = std::get_if<LocalFunction>(&one.what)) check = helper->function.get();
  return follow(tree, std::get<Scopes>(resolved),
                {{"pass", "fail", "not_applicable", "info"},
                 {"error", "raise"},
                 {"pass", "fail", "not_applicable", "info", "error", "raise", "assert", "pcall", "try", "ipairs",
                  "require", "string", "f", "g"},
                 strangers},
                check);
}

std::string check(const std::string& body, const std::string& before = "") {
  return before + "local function check(target, endpoint)\n" + body + "\nend\n";
}

/// The lines at which the verdict is missing; the body of the check begins at line 1.
std::vector<std::uint32_t> missing(const std::string& body, const std::string& before = "") {
  INFO(before << body);
  const Flow flow = flow_of(check(body, before));
  CHECK_FALSE(flow.given_up);
  std::vector<std::uint32_t> lines;
  for (const MissingVerdict& one : flow.missing)
    lines.push_back(one.at.line - 1 - static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n')));
  return lines;
}

/// The text with a number in place of each #.
std::string numbered(std::string text, int number) {
  for (std::size_t at = 0; (at = text.find('#', at)) != std::string::npos;) text.replace(at, 1, std::to_string(number));
  return text;
}

using Lines = std::vector<std::uint32_t>;

Lines unreachable(const std::string& text) {
  INFO(text);
  Lines lines;
  for (const Position at : flow_of(text).unreachable) lines.push_back(at.line);
  return lines;
}

}  // namespace

TEST_CASE("a check that ends without a verdict is found at its end, or at its return") {
  CHECK(missing("") == Lines{2});
  CHECK(missing("target:port(22)") == Lines{2});
  CHECK(missing("if target:port(22).state == 'open' then return pass(x) end") == Lines{2});
  CHECK(missing("if a then\nreturn\nend\nreturn pass(x)") == Lines{2});
  CHECK(missing("if a then\nreturn nil\nelse\nreturn 5\nend") == Lines{2, 4});
  CHECK(missing("for _, x in ipairs(t) do\nif x then return fail('x', e) end\nend") == Lines{4});
  CHECK(missing("while a do\nif b then return pass(e) end\nend") == Lines{4});
  CHECK(missing("for _ = 1, 0 do return pass(e) end") == Lines{2});
  CHECK(missing("while true do\nif a then break end\nend") == Lines{4});
  CHECK(missing("repeat local x = f() until x") == Lines{2});
  CHECK(missing("goto done\n::done::") == Lines{3});
  CHECK(missing("if a then goto done end\ndo return pass(e) end\n::done::") == Lines{4});
  CHECK(missing("local ok = try(target.banner, target, 22)\nif ok then\npass(e)\nend") == Lines{5});
  CHECK(missing("return target:port(22)") == Lines{1});
  CHECK(missing("return a and pass(e)") == Lines{1});
  CHECK(missing("pcall(error, 'x')") == Lines{2});
  CHECK(missing("local pass = 1\nreturn pass") == Lines{2});
  CHECK(missing("return string.format('x')") == Lines{1});
  CHECK(missing("local x = a\nif x then return pass(e) end\nif x then return pass(e) end") == Lines{4});
}

TEST_CASE("a check that gives its verdict on every path is left alone") {
  for (const char* body :
       {"return pass(e)",
        "pass(e)",
        "if a then return pass(e) end return fail('x', e)",
        "if a then pass(e) else fail('x', e) end",
        "if a then return pass(e) elseif b then return fail('x', e) end error('x')",
        "error('never')",
        "raise('eof', 'x')",
        "while true do end",
        "while true do local l = f() if l then return pass(e) end end",
        "for _, x in ipairs(t) do if x then return fail('x', e) end end return pass(e)",
        "for i = 1, 3 do if i then return pass(e) end return fail('x', e) end",
        "repeat if f() then return pass(e) end until false",
        "return a and pass(e) or fail('x', e)",
        "return (a and pass or fail)('x', e)",
        "local verdict = a and pass or fail return verdict('x', e)",
        "local judge = pass judge(e)",
        "assert(false, 'x')",
        "assert(nil)",
        "local ok, why = pcall(judge) if ok then return pass(e) end error(why, 0)",
        "goto done ::done:: return pass(e)",
        "::again:: if f() then return pass(e) end goto again",
        "do return pass(e) end",
        "local v = pass(e) return v",
        "local v if a then v = pass(e) end if not v then v = fail('x', e) end return v",
        "local bad = false for _, x in ipairs(t) do if x then bad = true fail('x', e) break end end if not bad then "
        "pass(e) end",
        "local done for _, x in ipairs(t) do if x then done = x ~= nil or true fail('x', e) break end end if done then "
        "return end return pass(e)",
        "local x = f() if x then return pass(e) end if not x then return fail('x', e) end",
        "local x = f() if x == nil then return fail('x', e) end if x then return pass(e) else return info('y') end",
        "try(pass, e)",
        "pcall(function() return pass(e) end)",
        "local t = { a = pass, b = fail } return t[k]('x', e)",
        "local t = { a = function() return pass(e) end } return t.a()",
        "local t = {} function t.judge() pass(e) end t.judge()",
        "local t = {} function t:judge() pass(e) end t:judge()",
        "local f f = function(n) if n then return pass(e) end return f(1) end return f()",
        "local function each(f) f() end each(function() pass(e) end)",
        "if not pass(e) then return end",
        "return pas(e)"}) {
    INFO(body);
    CHECK(missing(body).empty());
  }
}

TEST_CASE("helper functions are followed") {
  const std::string judge = "local function judge(x)\nif x then return fail('x', e) end\nend\n";
  CHECK(missing("return judge(1)", judge) == Lines{1});
  CHECK(missing("judge(1)", judge) == Lines{2});
  CHECK(missing("return judge(1) or pass(e)", judge).empty());
  CHECK(missing("if judge(1) then return end\nreturn pass(e)", judge).empty());
  CHECK(missing("local v = judge(1)\nif v then return v end\nreturn pass(e)", judge).empty());
  CHECK(missing("local v = judge(1)\nif v then return v end", judge) == Lines{3});
  CHECK(missing("if not judge(1) then\nreturn pass(e)\nend", judge).empty());
  const std::string both = "local function judge(x)\nif x then return fail('x', e) end\nreturn pass(e)\nend\n";
  CHECK(missing("return judge(1)", both).empty());
  CHECK(missing("if a then judge(1) end", both) == Lines{2});
  const std::string stop = "local function stop(x)\nerror('x' .. x)\nend\n";
  CHECK(missing("stop(1)", stop).empty());
  CHECK(missing("if a then stop(1) else return pass(e) end", stop).empty());
  const std::string recursive = "local function walk(n)\nif n == 0 then return pass(e) end\nreturn walk(n - 1)\nend\n";
  CHECK(missing("return walk(3)", recursive).empty());
  CHECK(missing("return try(judge, 1)", both).empty());
  CHECK(missing("local f = a and judge or other\nreturn f(1)", both).empty());
  const std::string flag =
      "local given = false\nlocal function judge(x)\nif x then given = true fail('x', e) end\nend\n";
  CHECK(missing("judge(1)\nif given then return end\nreturn pass(e)", flag).empty());
  CHECK(missing("target:banner(1)", flag) == Lines{2});
}

TEST_CASE("functions of other files may give the verdict where that is so") {
  const std::string text = check("return other.judge(target)", "local other = require('other')\n");
  CHECK(flow_of(text, true).missing.empty());
  CHECK(flow_of(text, false).missing.size() == 1);
  CHECK(flow_of(check("if target:port(1) then return end\nreturn pass(e)", "local other = require('other')\n"), true)
            .missing.size() == 1);
}

TEST_CASE("what no path reaches is found once, where it begins") {
  CHECK(unreachable("do return end\nlocal x = 1\nx = 2\nreturn x\n") == Lines{2});
  CHECK(unreachable("while true do\nf()\nend\ng()\n") == Lines{4});
  CHECK(unreachable("while true do\nbreak\nend\ng()\n").empty());
  CHECK(unreachable("local function f()\nif a then return 1 else return 2 end\ng()\nend\nf()\n") == Lines{3});
  CHECK(unreachable("local function f()\nerror('x')\ng()\nend\nf()\ng()\n") == Lines{3, 6});
  CHECK(unreachable("local x = function()\nfor i = 1, 2 do\nbreak\ng()\nend\nend\nx()\n") == Lines{4});
  CHECK(unreachable("goto a\nf()\n::a::\ng()\n") == Lines{2});
  CHECK(unreachable("for i = 1, 3 do\nif i then goto continue end\nf()\n::continue::\nend\n").empty());
  CHECK(unreachable("if false then\nf()\nend\n").empty());
  CHECK(unreachable("pcall(function()\nerror('x')\nend)\nf()\n").empty());
  CHECK(unreachable("repeat\nf()\nuntil false\ng()\n") == Lines{4});
  CHECK(unreachable("return { a = function() do return 1 end\nreturn 2 end }\n") == Lines{2});
}

TEST_CASE("loops that nest deeply are followed, or given up, and that is said") {
  const auto nested = [](const std::string& body) {
    std::string text = "local function check(target)\n";
    for (int i = 0; i < 60; ++i) text += numbered("local x# = false\n", i);
    for (int i = 0; i < 60; ++i) text += numbered(body, i);
    for (int i = 0; i < 60; ++i) text += "end\n";
    return flow_of(text + "end\n");
  };
  const Flow plain = nested("while a do x# = true\n");
  CHECK_FALSE(plain.given_up);
  CHECK(plain.missing.size() == 1);
  CHECK(nested("while a do x# = not x# and f()\n").given_up);
}

TEST_CASE("a text that takes too long to follow is given up, and that is said") {
  std::string text = "local function check(target)\n";
  for (int i = 0; i < 250'000; ++i) text += "f(a)\n";
  CHECK(flow_of(text + "end\n").given_up);
}

TEST_CASE("a thousand conditions are followed, in few states") {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += numbered("do local c = f#() if c then g() end end\n", i);
  for (int i = 0; i < 100; ++i) text += numbered("local c# = f() if c# then g() end\n", i);
  CHECK(missing(text + "return pass(e)").empty());
}

}  // namespace audit::syntax

#include "lua/inspection.hpp"

#include <algorithm>

#include "../source_dir.hpp"
#include "bench.hpp"
#include "files.hpp"
#include "lua/vocabulary.hpp"

namespace audit::lua {

using Catch::Contains;

namespace {

/// A rule that speaks to one port; `body` begins on line 6.
std::string rule_with(const std::string& body, const std::string& fields = "ports = { 22 },") {
  return "return rule {\n  id = 'test.rule', title = 'A rule', severity = 'low',\n  " + fields +
         "\n  check = function(target, endpoint)\n    local port = target:port(endpoint or 22)\n" + body +
         "\n  end,\n}\n";
}

std::vector<Complaint> inspect(const std::string& text, const std::string& scripts = {}) {
  const Folder folder;
  return inspect_rules({folder.write("rule.lua", text)}, scripts).complaints;
}

/// "line:column kind text" of the only complaint.
std::string only(const std::string& text) {
  const std::vector<Complaint> all = inspect(text);
  INFO(text);
  for (const Complaint& one : all) UNSCOPED_INFO(one.line << ":" << one.column << " " << one.kind << " " << one.text);
  CHECK(all.size() == 1);
  if (all.empty()) return {};
  return std::to_string(all[0].line) + ":" + std::to_string(all[0].column) +
         (all[0].warning ? " warning " : " error ") + all[0].kind + " " + all[0].text;
}

std::string of_body(const std::string& body) { return only(rule_with(body + "\n    return pass('x', port)")); }

std::size_t complaints(const std::string& text) {
  const std::vector<Complaint> all = inspect(text);
  INFO(text);
  for (const Complaint& one : all) UNSCOPED_INFO(one.line << ":" << one.column << " " << one.kind << " " << one.text);
  CHECK(all.empty());
  return all.size();
}

}  // namespace

TEST_CASE("a good rule has nothing to complain of") {
  complaints(rule_with("    return pass('x', port)"));
  complaints("\xef\xbb\xbf" + rule_with("    return pass('x', port)"));
}

TEST_CASE("an undefined global is found where it is read, with what may have been meant") {
  CHECK_THAT(of_body("    local x = pas\n    port.x = x"),
             Contains("6:15 error undefined-global `pas`") && Contains("did you mean `pass`?"));
  CHECK_THAT(of_body("    prt.state = 1"),
             Contains("6:5 error undefined-global `prt`") && Contains("did you mean `port`?"));
  CHECK_THAT(of_body("    print('x')"), Contains("6:5 error undefined-global `print`"));
  CHECK_THAT(of_body("    if os.time then\n      error('x')\n    end"), Contains("6:8 error undefined-global `os`"));
  CHECK_THAT(of_body("    local f = function() return nothing_here end\n    f()"),
             Contains("6:33 error undefined-global"));
}

TEST_CASE("a global that a rule sets is found, and not told again where it is read") {
  CHECK_THAT(of_body("    seen = 1\n    port.x = seen"),
             Contains("6:5 error undefined-global sets `seen`") && Contains("write `local seen`"));
  CHECK_THAT(of_body("    prot = 1"), Contains("did you mean `port`?"));
  CHECK_THAT(of_body("    function help() end"), Contains("6:14 error undefined-global sets `help`"));
  CHECK_THAT(of_body("    type = 'A'"), Contains("6:5 warning hidden-global sets `type`"));
}

TEST_CASE("an environment of the rule's own is its own business") {
  complaints(rule_with("    local _ENV = { pass = pass, port = port }\n    what = 1\n    return pass(what, port)"));
}

TEST_CASE("members of the sandbox's tables are known, and frozen") {
  CHECK_THAT(of_body("    string.fromat('x')"),
             Contains("6:12 error undefined-field") && Contains("did you mean `string.format`?"));
  CHECK_THAT(of_body("    crypto['hsh']('x')"), Contains("6:12 error undefined-field") && Contains("crypto.hash"));
  CHECK_THAT(of_body("    string.mine = 1"), Contains("6:12 error frozen-table `string` is shared"));
  CHECK_THAT(of_body("    pass.x()"), Contains("6:10 error undefined-field `pass` is a function"));
  complaints(
      rule_with("    return pass(string.format('%d', math.pi // 1) .. bytes.hex('x') .. utf8.charpattern, port)"));
}

TEST_CASE("words of the target are known, and its fields") {
  CHECK_THAT(of_body("    target:prot(22)"),
             Contains("6:12 error undefined-word a target has no `prot`") && Contains("target:port"));
  CHECK_THAT(of_body("    try(target.bannr, target, 22)"),
             Contains("6:16 error undefined-field") && Contains("target.banner"));
  CHECK_THAT(of_body("    target:address()"), Contains("6:12 error undefined-word") && Contains("target.address"));
  CHECK_THAT(of_body("    target.mark = 1"), Contains("6:12 error frozen-table"));
  CHECK_THAT(of_body("    local function f() return target:prt(1) end\n    f()"),
             Contains("6:38 error undefined-word"));
  CHECK_THAT(of_body("    port.x = target.params.days"),
             Contains("6:28 error unknown-parameter") && Contains("`days`"));
  complaints(rule_with("    local target = { mine = port }\n    return pass('x', target.mine)"));
}

TEST_CASE("parameters that the rule declares are known") {
  const std::string params = "ports = { 22 }, params = { days = { type = 'integer', default = 1 } },";
  complaints(rule_with("    return pass('x' .. target.params.days, port)", params));
  CHECK_THAT(only(rule_with("    return pass('x' .. target.params.day, port)", params)),
             Contains("did you mean `days`?"));
}

TEST_CASE("an endpoint is given to rules of that scope, and has its fields") {
  CHECK_THAT(of_body("    port.x = endpoint.port"), Contains("6:14 error no-endpoint"));
  const std::string scope = "ports = { 22 }, scope = 'endpoint',";
  complaints(rule_with("    return pass(endpoint.text, port)", scope));
  CHECK_THAT(only(rule_with("    return pass(endpoint.txt, port)", scope)),
             Contains("6:26 error undefined-field") && Contains("endpoint.text"));
}

TEST_CASE("a rule of the whole run is given the run, and its collect a target") {
  const auto rule = [](const std::string& collect, const std::string& check) {
    return "return rule {\n  id = 'test.rule', title = 'A rule', severity = 'low', ports = { 22 }, scope = 'run',\n"
           "  collect = function(target)\n    " +
           collect + "\n  end,\n  check = function(run)\n    " + check + "\n  end,\n}\n";
  };
  const std::string collect = "return target:banner(22)";
  const std::string check = "for host in run:each() do error(host.id) end return info('x' .. run.missing_count)";
  complaints(rule(collect, check));
  complaints(rule("if target.id == 'x' then return nil end", check));
  CHECK_THAT(only(rule("return target:baner(22)", check)),
             Contains("4:19 error undefined-word a target has no `baner`"));
  CHECK_THAT(only(rule(collect, "return info('x' .. run.mising)")),
             Contains("7:28 error undefined-field a run has no `mising`") && Contains("run.missing"));
  CHECK_THAT(only(rule(collect, "return info('x' .. run:port(22))")),
             Contains("error undefined-word a run has no `port`"));
  CHECK_THAT(only(rule(collect, "if run.complete then return info('x') end")), Contains("error missing-verdict"));
}

TEST_CASE("what a stream has is known") {
  CHECK_THAT(of_body("    local c <close> = target:connect(22)\n    c:red_line()"),
             Contains("7:7 error undefined-word") && Contains("c:read_line"));
  complaints(rule_with("    local c <close> = target:connect(22)\n    return pass(c:read_line() .. c.remote, port)"));
}

TEST_CASE("modules and what they return are known") {
  const Folder scripts;
  scripts.write("words.lua", "local words = {}\nfunction words.split(text)\n  return text\nend\nreturn words\n");
  const auto found = [&](const std::string& body) {
    return inspect("local words = require('words')\n" + rule_with(body + "\n    return pass('x', port)"),
                   scripts.path());
  };
  CHECK(found("    words.split('x')").empty());
  const auto wrong = found("    words.spilt('x')");
  REQUIRE(wrong.size() == 1);
  CHECK(wrong[0].kind == "undefined-field");
  CHECK_THAT(wrong[0].text, Contains("did you mean `words.split`?"));
  const auto missing = found("    words.split(require('word'))");
  REQUIRE(missing.size() == 1);
  CHECK(missing[0].kind == "unknown-module");
  CHECK_THAT(missing[0].text, Contains("did you mean `words`?"));
}

TEST_CASE("a library that a rule requires is looked at too, in turn and once") {
  const Folder scripts;
  scripts.write("outer.lua", "local inner = require('inner')\nreturn { go = function(x) return inner.go(x) end }\n");
  scripts.write("inner.lua", "return { go = function(x)\n  require('outer').go(x)\n  return prnt(x) end }\n");
  scripts.write("other.lua", "return nothing_here\n");
  const Folder folder;
  const std::string rule = rule_with("    return pass('x', port)");
  folder.write("a.lua", "local _outer = require('outer')\n" + rule);
  const Inspection inspection = inspect_rules({folder.path()}, scripts.path());
  CHECK(inspection.modules == 2);
  REQUIRE(inspection.complaints.size() == 1);
  const Complaint& one = inspection.complaints[0];
  CHECK(one.file == scripts.path() + "/inner.lua");
  CHECK((one.kind == "undefined-global" && one.line == 3 && one.rule.empty()));
}

TEST_CASE("a library that gives verdicts is believed to") {
  const Folder scripts;
  scripts.write("judging.lua", "return { judge = function(x) return pass('x', x) end }\n");
  CHECK(inspect("local judging = require('judging')\n" + rule_with("    return judging.judge(port)"), scripts.path())
            .empty());
}

TEST_CASE("what is never used is a warning, unless its name begins with _") {
  CHECK_THAT(of_body("    local x = 1"), Contains("6:11 warning unused `x` is never used"));
  CHECK_THAT(of_body("    local x\n    x = 1"), Contains("6:11 warning unused `x` is set and never read"));
  CHECK_THAT(of_body("    local function f() f() end"), Contains("6:20 warning unused function `f` is never called"));
  CHECK_THAT(of_body("    port.f = function(a) end"),
             Contains("6:23 warning unused parameter `a`") && Contains("`_a`"));
  CHECK_THAT(of_body("    for i = 1, 2 do port.x = 1 end"), Contains("6:9 warning unused the loop's `i`"));
  CHECK_THAT(of_body("    ::here::"), Contains("6:5 warning unused no goto leads to label `here`"));
  CHECK_THAT(of_body("    do return pass('x', port) end\n    port.x = 1"), Contains("7:5 warning unreachable"));
  complaints(
      rule_with("    local _x = 1\n    local s <close> = nil\n    port.f = function(_a, b) return b end\n"
                "    port.g = function(a, b) return b end\n    for _, x in pairs(port) do port.x = x end\n"
                "    return pass('x', port)"));
}

TEST_CASE("a check that can end without a verdict is found at the line where it ends") {
  CHECK_THAT(only(rule_with("    if port.state == 'open' then\n      return pass('x', port)\n    end")),
             Contains("9:3 error missing-verdict `check` can reach its end"));
  CHECK_THAT(only(rule_with("    if port.state == 'open' then return end\n    return pass('x', port)")),
             Contains("6:34 error missing-verdict `check` can return here"));
  CHECK_THAT(only("local function judge(target)\n  target:port(22)\nend\n"
                  "return rule { id = 'a.b', title = 'x', severity = 'low', ports = { 22 }, check = judge }"),
             Contains("3:1 error missing-verdict"));
  CHECK_THAT(
      only(rule_with(
          "    local list = { function() end }\n    if port.x then return pass('x', port) end\n    list[1](port)")),
      Contains("9:3 error missing-verdict"));  // the rule's own `check` is not what a list may hold
  CHECK_THAT(only("local r = { id = 'a.b', title = 'x', severity = 'low', ports = { 22 } }\nfunction r.check(target)\n"
                  "  return pass('x', target:port(22))\nend\nreturn rule(r)"),
             Contains("warning not-followed"));
}

TEST_CASE("a mistake of the language is told with line and column, by Lua's own words") {
  CHECK_THAT(only("return rule {\n  id = = 1\n}\n"), Contains("2:8 error syntax unexpected symbol near '='"));
  CHECK_THAT(only("\nlocal x <const> = 1\nx = 2\nreturn rule {}"), Contains("3:1 error syntax"));
}

TEST_CASE("mistakes of the metadata are told with file, line and rule") {
  const auto all = inspect(rule_with("    return pass('x', port)", "ports = { 22 },\n  severty = 'low',"));
  REQUIRE(all.size() == 1);
  CHECK((all[0].kind == "metadata" && all[0].line == 4 && all[0].column == 3 && all[0].rule == "test.rule"));
  CHECK_THAT(all[0].text, Contains("did you mean `severity`?"));
}

TEST_CASE("two rules of one id are found, and the text of each is looked at") {
  const Folder folder;
  folder.write("one.lua", rule_with("    return pass('x', port)"));
  folder.write("two.lua", rule_with("    return pas('x', port)"));
  const auto all = inspect_rules({folder.path()}, "").complaints;
  REQUIRE(all.size() == 2);
  CHECK((all[0].kind == "duplicate-id" && all[0].file == folder.path() + "/two.lua" && all[0].line == 2 &&
         all[0].column == 3));
  CHECK((all[1].kind == "undefined-global" && all[1].line == 6));
}

TEST_CASE("a path that leads to no rule is told") {
  const auto all = inspect_rules({"/nowhere"}, "").complaints;
  REQUIRE(all.size() == 1);
  CHECK((all[0].kind == "unreadable" && all[0].file == "/nowhere" && all[0].line == 0));
}

TEST_CASE("a rule's functions are not called to look at it") {
  complaints("local function called(x)\n  while x do\n    x.y.z = 1\n  end\nend\n" +
             rule_with("    called(port)\n    return pass('x', port)"));
}

TEST_CASE("the shipped rules and libraries have nothing to complain of") {
  const Inspection inspection = inspect_rules({test::source_dir() + "/rules"}, test::source_dir() + "/scripts");
  for (const Complaint& one : inspection.complaints) UNSCOPED_INFO(one.file << ":" << one.line << ": " << one.text);
  CHECK(inspection.complaints.empty());
  CHECK(inspection.files >= 7);
  const Folder folder;
  std::string text;
  std::size_t modules = 0;
  for (const auto& entry : std::filesystem::directory_iterator(test::source_dir() + "/scripts")) {
    if (entry.path().extension() != ".lua") continue;
    text += "local _" + std::to_string(modules++) + " = require('" + entry.path().stem().string() + "')\n";
  }
  const Inspection libraries = inspect_rules({folder.write("all.lua", text + rule_with("    return pass('x', port)"))},
                                             test::source_dir() + "/scripts");
  for (const Complaint& one : libraries.complaints) UNSCOPED_INFO(one.file << ":" << one.line << ": " << one.text);
  CHECK(libraries.complaints.empty());
  CHECK((libraries.modules == modules && modules >= 10));
}

TEST_CASE("the vocabulary is what the sandbox registers") {
  const Vocabulary words = Vocabulary::read();
  for (const char* name : {"pass", "try", "rule", "require", "ipairs", "raise"}) CHECK(words.globals.contains(name));
  for (const char* name : {"io", "os", "print", "load", "coroutine", "_G"}) CHECK_FALSE(words.globals.contains(name));
  CHECK(words.globals.at("string").members.contains("rep"));
  CHECK(words.target.methods.contains("tls_accepts"));
  CHECK(words.target.methods.contains("connect"));
  CHECK(words.target.fields.contains("params"));
  CHECK(words.endpoint.fields == Names{"address", "port", "text", "transport"});
  CHECK(words.stream.methods.contains("starttls"));
  for (const std::string& name : words.verdicts) CHECK(words.globals.contains(name));
}

}  // namespace audit::lua

#include <filesystem>

#include "bench.hpp"
#include "files.hpp"
#include "lua/inspection.hpp"

namespace audit::lua {

using Catch::Contains;

TEST_CASE("require finds a module of scripts/, afresh for each check") {
  Bench bench(
      {rule_of("local m, n = require 'counter', require 'counter'\nm.count = m.count + 1\n"
               "return info(tostring(n.count) .. tostring(m == n))")});
  bench.modules["counter"] = "local m = { count = 0 } leaked = 1 return m";
  CHECK(bench.run().finding.message == "1true");
  CHECK(bench.run().finding.message == "1true");
}

TEST_CASE("a module's globals are its own, and its functions may ask probes") {
  Bench bench({rule_of("local m = require 'asking' return info(tostring(leaked) .. m.ask(target))")});
  bench.modules["asking"] = "leaked = 'yes' return { ask = function(target) return target:port(22).state end }";
  bench.port(22);
  CHECK(bench.run().finding.message == "nilopen");
}

TEST_CASE("a module that is not there, returns nothing, is wrong or requires itself is a rule_error that says so") {
  Bench bench({rule_of("require 'nowhere'", "test.a"), rule_of("require 'empty'", "test.b"),
               rule_of("require 'wrong'", "test.c"), rule_of("require 'circle'", "test.d"),
               rule_of("require '../../etc/passwd'", "test.e"), rule_of("require(nil)", "test.f"),
               rule_of("require 'looping'", "test.g"), rule_of("require 'probing'", "test.h")});
  bench.modules["empty"] = "local x = 1";
  bench.modules["wrong"] = "\n\nlocal = 5";
  bench.modules["circle"] = "return require 'circle'";
  bench.modules["looping"] = "while true do end";
  bench.modules["probing"] = "local t = ... return t";
  const char* parts[] = {"nowhere", "returns nothing", "wrong.lua:3:", "overflow", "etc/passwd", "string expected"};
  for (std::size_t i = 0; i < std::size(parts); ++i) {
    const Outcome outcome = bench.run(i);
    INFO(i);
    CHECK(ended(outcome) == "error rule_error");
    CHECK_THAT(outcome.finding.message, Contains(parts[i]));
  }
  CHECK(ended(bench.run(6)) == "error over_budget");
}

namespace {

std::string asking(const std::string& id, const std::string& body, const std::string& top = {}) {
  return top + "return rule { id = '" + id +
         "', title = 'x', severity = 'low', requires = 'nothing',\ncheck = function(target)\n" + body + "\nend }\n";
}

/// Runs the rules of a set, in the order of their ids; what each says.
std::vector<std::string> run_all(const LoadedRules& loaded) {
  std::vector<std::shared_ptr<Rule>> rules;
  for (const auto& rule : loaded.set.rules) rules.push_back(std::make_shared<Rule>(*rule));
  const std::size_t count = rules.size();
  Bench bench(std::move(rules));
  bench.modules = loaded.set.modules;
  std::vector<std::string> said;
  for (std::size_t i = 0; i < count; ++i) said.push_back(bench.run(i).finding.message);
  return said;
}

}  // namespace

TEST_CASE("a rule requires what stands beside it, and that its own neighbours and scripts/") {
  Folder scripts;
  scripts.write("shared.lua", "return { word = 'shared' }");
  Folder folder;
  folder.write("a/one.lua", asking("a.one", "return info(helper.say())", "local helper = require('helper')\n"));
  folder.write("a/helper.lua",
               "local m = {} function m.say() return require('deeper').word .. require('shared').word end return m");
  folder.write("a/deeper.lua", "return { word = 'deep ' }");
  folder.write("b/two.lua", asking("b.two", "return info(require('helper').word)"));
  folder.write("b/helper.lua", "return { word = 'another' }");
  const LoadedRules loaded = load_rules({folder.path()}, scripts.path());
  for (const RuleMistake& mistake : loaded.mistakes) FAIL_CHECK(mistake.text);
  CHECK(loaded.files.size() == 2);
  CHECK(run_all(loaded) == std::vector<std::string>{"deep shared", "another"});
}

TEST_CASE("no module is found by a path, in another folder, or through a link out of the folder") {
  Folder folder;
  const std::string outside = folder.write("secret.lua", "return { word = 'secret' }");
  folder.write("a/sub/inner.lua", "return { word = 'inner' }");
  for (const char* name : {"../secret", "sub/inner", "sub.inner", "./helper", "secret", ""}) {
    INFO(name);
    const std::string file = folder.write("a/rule.lua", asking("a.rule", std::string("require('") + name + "')"));
    const LoadedRules loaded = load_rules({file}, "");
    REQUIRE(loaded.mistakes.empty());
    CHECK(loaded.set.rules.front()->modules.empty());
    CHECK_THAT(run_all(loaded).front(), Contains("is neither in scripts/ nor beside the rule"));
  }
  const std::string absolute = folder.write("a/rule.lua", asking("a.rule", "require('" + outside + "')"));
  CHECK(load_rules({absolute}, "").set.rules.front()->modules.empty());
  std::filesystem::create_symlink(outside, std::filesystem::path(folder.path()) / "a/linked.lua");
  const std::string linked = folder.write("a/rule.lua", asking("a.rule", "require('linked')"));
  const LoadedRules loaded = load_rules({linked}, "");
  REQUIRE(loaded.mistakes.size() == 1);
  CHECK_THAT(loaded.mistakes.front().text, Contains("a/linked.lua:1: this link leads out of the rule's folder"));
  CHECK(loaded.set.rules.empty());
}

TEST_CASE("a module of one's own does not stand in for one of scripts/, and a rule is no module") {
  Folder scripts;
  scripts.write("url.lua", "return { word = 'shared' }");
  Folder folder;
  folder.write("a/rule.lua", asking("a.rule", "return info(require('url').word)"));
  folder.write("a/url.lua", "return { word = 'own' }");
  const LoadedRules loaded = load_rules({folder.path()}, scripts.path());
  REQUIRE(loaded.mistakes.size() == 1);
  CHECK_THAT(loaded.mistakes.front().text, Contains("a/url.lua:1: scripts/ has a module `url` too") &&
                                               Contains("a/rule.lua") && Contains("another name"));
  folder.write("a/url.lua", asking("a.url", "return info('a rule')"));
  const LoadedRules both = load_rules({folder.path()}, scripts.path());
  CHECK(both.mistakes.empty());
  CHECK(run_all(both) == std::vector<std::string>{"shared", "a rule"});
}

TEST_CASE("what stands beside a rule and is required by none is a rule that is none") {
  Folder folder;
  folder.write("a/rule.lua", asking("a.rule", "return info('x')"));
  folder.write("a/stray.lua", "return {}");
  const LoadedRules loaded = load_rules({folder.path()}, "");
  REQUIRE(loaded.mistakes.size() == 1);
  CHECK_THAT(loaded.mistakes.front().text, Contains("stray.lua:1:") && Contains("return rule"));
}

TEST_CASE("a module's mistakes are found before the first packet, in its own lines") {
  Folder folder;
  folder.write("a/rule.lua", asking("a.rule", "local h = require('helper') return info(h.wrod .. target.id)"));
  folder.write("a/helper.lua", "local m = { word = 'x' }\nfunction m.f() return nonsense end\nreturn m\n");
  const Inspection inspection = inspect_rules({folder.path()}, "");
  CHECK(inspection.files == 1);
  CHECK(inspection.modules == 1);
  REQUIRE(inspection.complaints.size() == 2);
  CHECK_THAT(inspection.complaints[0].file, Catch::EndsWith("a/helper.lua"));
  CHECK(inspection.complaints[0].line == 2);
  CHECK(inspection.complaints[0].kind == "undefined-global");
  CHECK(inspection.complaints[1].kind == "undefined-field");
  folder.write("a/rule.lua", asking("a.rule", "return info(h.word)", "local h = require('helper')\n"));
  folder.write("a/helper.lua", "\n\nlocal = 5");
  const LoadedRules loaded = load_rules({folder.path()}, "");
  REQUIRE(loaded.mistakes.size() == 1);
  CHECK_THAT(loaded.mistakes.front().text, Contains("a/helper.lua:3:"));
}

}  // namespace audit::lua

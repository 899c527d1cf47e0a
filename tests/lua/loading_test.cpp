#include "bench.hpp"
#include "files.hpp"

namespace audit::lua {

using Catch::Contains;

namespace {

std::string mistake(const std::string& text) {
  const LoadedRules loaded = load_text(text);
  CHECK(loaded.set.rules.empty());
  CHECK(loaded.mistakes.size() == 1);
  return loaded.mistakes.empty() ? "" : loaded.mistakes.front().text;
}

}  // namespace

TEST_CASE("a syntax error is told with its line") {
  CHECK_THAT(mistake("return rule {\n  id = 'a.b',\n  check = function( return end\n}\n"), Contains("rule.lua:3:"));
  CHECK_THAT(mistake("\xef\xbb\xbfreturn rule {\n  ]\n}\n"), Contains("rule.lua:2:"));
  CHECK_THAT(mistake("x = = 1"), Contains("rule.lua:1:"));
}

TEST_CASE("an error while a file is loaded is told with its line") {
  CHECK_THAT(mistake("\nnothing_there()\nreturn rule {}\n"), Contains("rule.lua:2:") && Contains("nothing_there"));
  CHECK_THAT(mistake("error({})"), Contains("rule.lua") && Contains("not a text"));
  CHECK_THAT(mistake("\nrule 'x'"), Contains("rule.lua:2:"));
  CHECK_THAT(mistake("\nrequire 'nowhere'"), Contains("rule.lua:2:") && Contains("nowhere"));
  CHECK_THAT(mistake("\npass('x')"), Contains("rule.lua:2:") && Contains("within `check`"));
}

TEST_CASE("a file that loops while it is loaded is told, with the line of the loop") {
  for (const char* loop : {"while true do end", "while true do pcall(function() while true do end end) end",
                           "local function f() pcall(f) while true do pcall(f) end end f()",
                           "table.sort({ 3, 2, 1 }, function() while true do end end)",
                           "local x <close> = setmetatable({}, { __close = function() while true do end end })",
                           "table.move({}, 1, math.maxinteger - 1, 2)"}) {
    INFO(loop);
    CHECK_THAT(mistake(std::string("\n\n") + loop + "\nreturn rule {}"),
               Contains("rule.lua:3:") && Contains("too long"));
  }
}

TEST_CASE("a file that allocates for ever while it is loaded is told") {
  for (const char* hog : {"local t = {} while true do t[#t + 1] = {} end", "local s = 'x' while true do s = s .. s end",
                          "local t = {} while true do pcall(function() while true do t[#t + 1] = {} end end) end"}) {
    INFO(hog);
    CHECK_THAT(mistake(std::string("\n\n") + hog), Contains("rule.lua:3:") && Contains("memory"));
  }
}

TEST_CASE("a file that does not return its rule is told") {
  for (const char* text :
       {"", "return 7", "return nil", "return {}", "rule { id = 'a.b' }", "local r = rule {} return 5"}) {
    INFO(text);
    CHECK_THAT(mistake(text), Contains("rule.lua:1:") && Contains("return rule { … }"));
  }
}

TEST_CASE("bytecode is refused") { CHECK_THAT(mistake("\x1bLua\x54\x00\x19\x93\r\n\x1a\n"), Contains("rule.lua:1:")); }

TEST_CASE("two rules of one id are a mistake that names both files") {
  const Folder folder;
  folder.write("one.lua", rule_text(""));
  folder.write("two.lua", rule_text(""));
  const LoadedRules loaded = load_rules({folder.path()}, "");
  REQUIRE(loaded.mistakes.size() == 1);
  CHECK_THAT(loaded.mistakes[0].text, Contains("two.lua:2: `id`") && Contains("one.lua"));
  CHECK(loaded.set.rules.size() == 1);
}

TEST_CASE("a folder is searched at any depth, its tests and other files aside, and the rules are sorted by id") {
  const Folder folder;
  folder.write("z/first.lua", rule_text("", "a.first"));
  folder.write("a/b/second.lua", rule_text("", "b.second"));
  folder.write("a/second_test.lua", "this is no rule");
  folder.write("README.md", "# rules");
  const LoadedRules loaded = load_rules({folder.path()}, "");
  REQUIRE(loaded.mistakes.empty());
  REQUIRE(loaded.set.rules.size() == 2);
  CHECK(loaded.set.rules[0]->record.id == "a.first");
  CHECK(loaded.set.rules[0]->record.file == "z/first.lua");
  CHECK(loaded.set.rules[1]->record.file == "a/b/second.lua");
}

TEST_CASE("paths that lead to no rule are mistakes") {
  const Folder folder;
  folder.write("empty/README", "");
  const auto only = [](const LoadedRules& loaded) {
    REQUIRE(loaded.mistakes.size() == 1);
    return loaded.mistakes[0].text;
  };
  CHECK_THAT(only(load_rules({folder.path() + "/empty"}, "")), Contains("holds no rule"));
  CHECK_THAT(only(load_rules({folder.path() + "/absent.lua"}, "")), Contains("absent.lua") && Contains("no such"));
  CHECK_THAT(only(load_rules({"/dev/zero"}, "")), Contains("/dev/zero"));
  CHECK_THAT(only(load_rules({folder.write("long.lua", std::string(2U << 20U, ' '))}, "")), Contains("1 MiB"));
}

TEST_CASE("one bad file does not hide the mistakes of the others") {
  const Folder folder;
  folder.write("a.lua", "x = = 1");
  folder.write("b.lua", "error('b')");
  folder.write("c.lua", rule_text(""));
  const LoadedRules loaded = load_rules({folder.path()}, "");
  CHECK(loaded.mistakes.size() == 2);
  CHECK(loaded.set.rules.size() == 1);
}

TEST_CASE("modules of scripts/ are known to a file that is loaded") {
  const Folder folder;
  const Folder scripts;
  scripts.write("words.lua", "return { title = 'from a module' }");
  const std::string file =
      folder.write("rule.lua", "local words = require 'words'\n" + rule_text("rationale = words.title,"));
  const LoadedRules loaded = load_rules({file}, scripts.path());
  REQUIRE(loaded.mistakes.empty());
  CHECK(loaded.set.rules[0]->record.rationale == "from a module");
}

TEST_CASE("a long path is told whole (Lua shortens it to 60 characters)") {
  const Folder folder;
  const std::string name = "folder-with-a-long-name/and-another-one-below/of-that-kind-and-one-more/rule.lua";
  for (const char* text : {"x = = 1", "error('x')", "while true do end"}) {
    const LoadedRules loaded = load_rules({folder.write(name, text)}, "");
    REQUIRE(loaded.mistakes.size() == 1);
    CHECK_THAT(loaded.mistakes[0].text, Contains(folder.path() + "/" + name + ":1:"));
  }
}

}  // namespace audit::lua

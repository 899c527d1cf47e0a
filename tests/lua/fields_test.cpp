#include "bench.hpp"
#include "files.hpp"

namespace audit::lua {

using Catch::Contains;
using Catch::EndsWith;

namespace {

/// The mistakes of a rule's text, without the folder: "rule.lua:5: …".
std::vector<std::string> mistakes(const std::string& text) {
  std::vector<std::string> found;
  for (const RuleMistake& mistake : load_text(text).mistakes)
    found.push_back(mistake.text.substr(mistake.text.find("rule.lua")));
  return found;
}

std::string mistake(const std::string& fields) {
  const std::vector<std::string> found = mistakes(rule_text(fields));
  std::string text;
  for (const std::string& one : found) text += (text.empty() ? "" : "\n") + one;
  return text;
}

}  // namespace

TEST_CASE("a whole rule is read as it is written") {
  const LoadedRules loaded = load_text(
      "return rule {\n  id = 'exposure.telnet-open', title = 'Telnet is not reachable', severity = 'high', safety = "
      "'connect',\n"
      "  tags = { 'exposure', 'cleartext' }, rationale = 'r', remediation = 'm', references = { 'https://example.org' "
      "},\n"
      "  ports = { 23, '8000-8100', 'tcp/25' }, absent = 'pass', scope = 'endpoint',\n"
      "  check = function(target) end,\n}\n");
  REQUIRE(loaded.mistakes.empty());
  REQUIRE(loaded.set.rules.size() == 1);
  const Rule& rule = *loaded.set.rules[0];
  CHECK(rule.record.id == "exposure.telnet-open");
  CHECK(rule.record.severity == Severity::high);
  CHECK(rule.record.safety == Safety::connect);
  CHECK(rule.record.tags == std::vector<std::string>{"exposure", "cleartext"});
  CHECK(rule.record.references.size() == 1);
  CHECK(rule.record.ports.tcp.format() == "23,25,8000-8100");
  CHECK(rule.absent == Status::pass);
  CHECK(rule.scope == Scope::endpoint);
  CHECK_FALSE(rule.requires_nothing);
  CHECK(rule.record.sha256.size() == 64);
  CHECK(rule.record.file == "rule.lua");
}

TEST_CASE("each mistake in a field is told with file, line and what to write instead") {
  CHECK_THAT(mistake("safety = 'harmless',"),
             Contains("rule.lua:5: `safety` must be \"connect\", \"normal\" or \"intrusive\""));
  CHECK_THAT(mistake("safety = 5,"), Contains("rule.lua:5: `safety` must be \"connect\""));
  CHECK_THAT(mistake("tags = 'exposure',"), Contains("rule.lua:5: `tags` must be a list of strings"));
  CHECK_THAT(mistake("tags = { 5 },"), Contains("rule.lua:5: `tags` must be a list of strings"));
  CHECK_THAT(mistake("tags = { exposure = true },"), Contains("rule.lua:5: `tags` must be a list of strings"));
  CHECK_THAT(mistake("references = { a = 'b' },"), Contains("rule.lua:5: `references` must be a list of strings"));
  CHECK_THAT(mistake("rationale = {},"), Contains("rule.lua:5: `rationale` must be a string"));
  CHECK_THAT(mistake("ports = {},"), Contains("rule.lua:5: `ports` must name at least one port"));
  CHECK_THAT(mistake("ports = 23,"), Contains("rule.lua:5: `ports` must be a list"));
  CHECK_THAT(mistake("ports = { 0 },"), Contains("rule.lua:5: `ports` each is a number 1-65535"));
  CHECK_THAT(mistake("ports = { 70000 },"), Contains("rule.lua:5: `ports` each is a number 1-65535"));
  CHECK_THAT(mistake("ports = { 22.5 },"), Contains("rule.lua:5: `ports` each is a number 1-65535"));
  CHECK_THAT(mistake("ports = { 'ssh' },"), Contains("rule.lua:5: `ports` each is"));
  CHECK_THAT(mistake("ports = { {} },"), Contains("rule.lua:5: `ports` each is"));
  CHECK_THAT(mistake("ports = { telnet = 23 },"), Contains("rule.lua:5: `ports`"));
  CHECK_THAT(mistake("ports = { 22, telnet = 23 },"), Contains("rule.lua:5: `ports`"));
  CHECK_THAT(mistake("ports = { 'udp/161' },"), Contains("rule.lua:5: `ports` UDP ports cannot be swept"));
  CHECK_THAT(mistake("requires = 'something',"), Contains("rule.lua:5: `requires` must be \"nothing\""));
  CHECK_THAT(mistake("requires = 'nothing', ports = { 1 },"), Contains("`requires` goes in place of `ports`"));
  CHECK_THAT(mistake("requires = 'nothing', absent = 'pass',"), Contains("`absent` says what closed ports mean"));
  CHECK_THAT(mistake("ports = { 1 }, absent = 'fail',"), Contains("`absent` must be \"pass\" or \"not_applicable\""));
  CHECK_THAT(mistake("requires = 'nothing', scope = 'endpoint',"), Contains("needs `ports`"));
  CHECK_THAT(mistake("ports = { 1 },\n  scope = 'all',"),
             Contains("rule.lua:6: `scope` must be \"target\", \"endpoint\" or \"run\""));
  CHECK_THAT(mistake("ports = { 1 },\n  scope = 'run',"), Contains("`collect` must be a function"));
  CHECK_THAT(mistake("ports = { 1 },\n  collect = function() end,"),
             Contains("rule.lua:6: `collect` is for rules with scope = \"run\""));
  CHECK_THAT(mistake("ports = { 1 }, scope = 'run', collect = function() end,\n  absent = 'pass',"),
             Contains("rule.lua:6: `absent` is for rules that judge targets"));
  CHECK(mistake("ports = { 1 }, scope = 'run', collect = function() end,").empty());
}

TEST_CASE("a field that is missing is told") {
  const auto all = mistakes("-- nothing\nreturn rule {\n}\n");
  std::string text;
  for (const std::string& one : all) text += one + "\n";
  for (const char* field : {"`id`", "`title`", "`severity`", "`ports` is missing", "`check` must be a function"}) {
    INFO(field);
    CHECK_THAT(text, Contains(std::string("rule.lua:2: ") + field));
  }
}

TEST_CASE("an unknown field is refused with the one that was meant, several in a fixed order") {
  CHECK_THAT(mistake("remedy = 'x', severty = 'low',"),
             Contains("`severty` is not a field of a rule; did you mean `severity`?"));
  CHECK_THAT(mistake("sevrity = 'low',"),
             Contains("rule.lua:5: `sevrity` is not a field of a rule; did you mean `severity`?"));
  CHECK_THAT(mistake("'a value',"), Contains("without a name"));
  const std::string order = mistake("aa = 1,\n  bb = 1,\n  cc = 1,\n  dd = 1,\n  ee = 1,");
  for (int i = 0; i < 20; ++i) CHECK(mistake("aa = 1,\n  bb = 1,\n  cc = 1,\n  dd = 1,\n  ee = 1,") == order);
  CHECK(order.find("`aa`") < order.find("`ee`"));
}

TEST_CASE("an id is words of a-z, 0-9 and -, joined by dots") {
  for (const char* id : {"telnet", "Exposure.telnet", "a..b", ".a", "a.", "a b.c", "a.b_c", "", "a.\\27[31m"}) {
    INFO(id);
    CHECK_FALSE(mistakes("return rule { id = '" + std::string(id) +
                         "', title = 't', severity = 'low', requires = 'nothing', check = function() end }")
                    .empty());
  }
  CHECK(load_text(rule_text("", "a1.b-2.c")).mistakes.empty());
}

TEST_CASE("one mistake in one field is told once") {
  CHECK(mistakes(rule_text("safety = 5,")).size() == 1);
  CHECK(mistakes(rule_text("requires = 5,")).size() == 1);
  CHECK(mistakes(rule_text("ports = { 1 }, absent = 5,")).size() == 1);
}

}  // namespace audit::lua

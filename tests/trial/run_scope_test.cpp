#include "trying.hpp"

// Rules about the whole run, played on as many targets as a case declares.

namespace audit::trial {
namespace {

std::shared_ptr<const lua::Rule> run_rule(const std::string& collect) {
  auto rule = std::make_shared<lua::Rule>(*rule_on_7000(""));
  rule->scope = lua::Scope::run;
  rule->source = "return rule {\ncollect = function(target)\n" + collect + R"(
end,
check = function(run)
  local known = {}
  for host in run:each() do
    local line = host.collected.line
    if known[line] then return fail("both say " .. line, { known[line], host.collected.talk }) end
    known[line] = host.collected.talk
  end
  return pass("all differ")
end })";
  return rule;
}

const std::string line_of_7000 = R"(
local s <close> = target:connect(7000)
local line = s:read_line()
if not line:find("^I am ") then raise("protocol_error", "it says " .. line) end
return { line = line, talk = s })";
const std::string two = "target { }, target { addresses = \"10.0.0.2\" }, ";

std::string says(const std::string& address, const std::string& words) {
  return "peer { at = \"" + address + "\", tcp = 7000, says = \"I am " + words + "\\n\" }, ";
}

TEST_CASE("a rule about the run is asked of every target of a case, and judged once") {
  const std::string test = "case \"alike\" { " + two + says("10.0.0.1", "one") + says("10.0.0.2", "one") +
                           "expect { status = \"fail\", message = \"^both say I am one$\" } }\n"
                           "case \"different\" { " +
                           two + says("10.0.0.1", "one") + says("10.0.0.2", "two") +
                           "expect { status = \"pass\", message = \"^all differ$\" } }\n"
                           "case \"one is not seen\" { " +
                           two + says("10.0.0.1", "one") +
                           "peer { at = \"10.0.0.2\", tcp = 7000 }, expect { status = \"not_reviewed\" } }\n";
  const SuiteResult result = try_rule(run_rule(line_of_7000), test);
  CHECK(result.good());
  CHECK(result.uncovered.empty());
  CHECK(result.generated.size() > 10);
  CHECK(faults_of(result).empty());
}

TEST_CASE("a rule about the run that judges half a line is found out") {
  const std::string half =
      "local s <close> = target:connect(7000) return { line = try(s.read, s, 8) or target.id, talk = s }";
  const std::string test = "case \"alike\" { " + two + says("10.0.0.1", "one") + says("10.0.0.2", "one") +
                           "expect { status = \"fail\" } }\n";
  CHECK(faults_of(try_rule(run_rule(half), test)).find("truncated") != std::string::npos);
}

TEST_CASE("a rule about the run without a test meets what its ports may do") {
  const SuiteResult result = try_rule(run_rule(line_of_7000), "");
  CHECK(result.good());
  CHECK_FALSE(result.generated.empty());
}

TEST_CASE("two targets that are one, and two for a rule that has one, are mistakes of the test") {
  const std::string twice = "case \"twice\" { target { }, target { }, expect { status = \"pass\" } }";
  CHECK_FALSE(try_rule(run_rule(line_of_7000), twice).good());
  const SuiteResult one = try_body("return info('x')", "case \"two\" { " + two + "expect { status = \"pass\" } }");
  REQUIRE(one.mistakes.size() == 1);
  CHECK(one.mistakes.front().find("a case has one target") != std::string::npos);
}

}  // namespace
}  // namespace audit::trial

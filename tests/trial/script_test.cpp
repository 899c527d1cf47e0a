#include "trying.hpp"

namespace audit::trial {
namespace {

const std::string echo = R"(
  local stream <close> = target:connect(7000)
  local line = stream:read_line { timeout = 40 }
  stream:write("you said " .. line .. "\n")
  return info(stream:read_line { timeout = 40 }, { talk = stream }))";

std::string mistakes_of(const std::string& test) {
  const SuiteResult result = try_body(echo, test);
  CHECK(result.results.empty());
  return result.mistakes.empty() ? "" : result.mistakes.front();
}

TEST_CASE("a conversation goes turn by turn, on a clock that jumps") {
  const SuiteResult result = try_body(echo, R"(case "talk" {
    peer { tcp = 7000, says = "one\n", delay = 30, { hears = "said one\n", says = "two\n", delay = 15 } },
    expect { status = "informational", message = "^two$", evidence = { "talk" }, sent = "you said one\n" } })");
  CHECK(result.good());
  CHECK(result.results.front().said.back().when - result.results.front().began > std::chrono::seconds(45));
}

TEST_CASE("a function answers what it heard, and nil waits for more") {
  CHECK(try_body(echo, R"(case "talk" {
    peer { tcp = 7000, says = "one\n", { says = function(heard)
      if heard:sub(-1) == "\n" then return heard:upper() end
    end, split = 2 } },
    expect { status = "informational", message = "^YOU SAID ONE$" } })")
            .good());
}

TEST_CASE("connections meet one conversation after the other") {
  CHECK(try_body(R"(
    local said = {}
    for i = 1, 3 do
      local stream <close> = target:connect(7000)
      said[i] = stream:read_line()
    end
    return info(table.concat(said, " ")))",
                 R"(case "three" {
    peer { tcp = 7000, connections = { "one\n", { says = "two\n" } } },
    expect { status = "informational", message = "^one two two$" } })")
            .mistakes.size() == 1);  // a conversation is a table
  CHECK(try_body(R"(
    local said = {}
    for i = 1, 3 do
      local stream <close> = target:connect(7000)
      said[i] = stream:read_line()
    end
    return info(table.concat(said, " ")))",
                 R"(case "three" {
    peer { tcp = 7000, connections = { { "one\n" }, { says = "two\n" } } },
    expect { status = "informational", message = "^one two two$" } })")
            .good());
}

TEST_CASE("what a case expects and does not see is told field by field") {
  const SuiteResult result = try_body(echo, R"(case "talk" {
    peer { tcp = 7000, says = "one\n", { hears = "\n", says = "two\n" } },
    expect { status = "pass", reason = "timeout", severity = "low", key = "k", endpoint = "tcp/1", message = "three",
      evidence = { talk = { nothing = 1 }, other = {} }, sent = { "six" }, results = { { status = "fail" } } } })");
  std::string fields;
  for (const Difference& one : result.results.front().differences) fields += one.field + " ";
  CHECK(fields == "status reason severity key endpoint message evidence evidence.talk.nothing results[1] sent ");
}

TEST_CASE("a mistake in a test has its file and line, and a guess") {
  CHECK(mistakes_of("case 'x' {\n peer { tcp = 7000, sais = 'x' }, expect { status = 'pass' } }") ==
        "lab/rule_test.lua:2: peer: `sais` is not known here; did you mean `says`?");
  CHECK(mistakes_of("case 'x' { peer { tcp = 7000, udp = 1 }, expect { status = 'pass' } }").find("needs one port") !=
        std::string::npos);
  CHECK(mistakes_of("case 'x' { expect {} }").find("`status` is missing") != std::string::npos);
  CHECK(mistakes_of("case 'x' { peer { tcp = 7000, tls = true, delay = 'x' }, expect { status = 'pass' } }")
            .find("`delay` is to be seconds") != std::string::npos);
  CHECK(mistakes_of("case 'x' { 5 }").find("may only hold") != std::string::npos);
  CHECK(mistakes_of("case 'x' { expect { status = 'pass' } } case 'x' { expect { status = 'pass' } }")
            .find("of that name already") != std::string::npos);
  CHECK(mistakes_of("local t = {} t.t = t case 'x' { peer(t), expect { status = 'pass' } }").find("too deeply") !=
        std::string::npos);
  CHECK(mistakes_of("case(5)").find("begins with its name") != std::string::npos);
  CHECK(mistakes_of("peer { tcp = 7000 }").find("declares no case") != std::string::npos);
}

TEST_CASE("a test's own endless loop ends it, wherever it stands") {
  CHECK(mistakes_of("while true do end").find("runs for too long") != std::string::npos);
  CHECK(mistakes_of("pcall(function() while true do end end) case 'x' { expect { status = 'pass' } }")
            .find("runs for too long") != std::string::npos);
  const SuiteResult result = try_body(
      echo, "case 'x' { peer { tcp = 7000, says = function() while true do end end }, expect { status = 'error' } }");
  CHECK(result.results.front().differences.front().seen.find("runs for too long") != std::string::npos);
}

}  // namespace
}  // namespace audit::trial

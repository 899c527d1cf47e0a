#include "trying.hpp"

namespace audit::trial {
namespace {

TEST_CASE("every kind of statement that ran counts as run") {
  const SuiteResult result = try_body(R"(
  local stream <close> = target:connect(7000)
  local empty
  local constant <const> = 5
  local line = stream:read_line { timeout = 5 }
  local function add(a, b)
    return a + b
  end
  local list = {
    1,
    2,
  }
  list.f = function()
    list.n = 0
  end
  list.f()
  for i = 1, 3 do
    list.n = add(list.n, i)
  end
  for _, value in ipairs(list) do
    list.n = list.n + value
  end
  while true do
    list.n = list.n + 1
    if list.n > constant then
      break
    end
  end
  repeat
    list.n = list.n - 1
  until list.n < 0
  if line == "bad" then
    empty = 1
  elseif line == "good" then
    empty = 2
  else
    goto last
  end
  do
    empty = empty + 1
  end
  ::last::
  return pass(
    line, stream))",
                                      "case 'x' { peer { tcp = 7000, says = 'good\\n' }, expect { status = 'pass' } }");
  CHECK(result.uncovered == std::vector<std::uint32_t>{35});
  CHECK(result.lines > 15);
}

TEST_CASE("a rule without a test has no line that is run") {
  const SuiteResult result = try_body("return pass('open', target:port(7000))", "");
  CHECK(result.lines == 2);
  CHECK(result.uncovered.size() == 2);
  CHECK(result.coverage() == 0);
}

TEST_CASE("lines that run side by side are counted too") {
  const SuiteResult result = try_body(R"(
  local both = parallel {
    function()
      return target:port(7000)
    end,
  }
  return pass('open', both[1]))",
                                      "case 'x' { peer { tcp = 7000 }, expect { status = 'pass' } }");
  CHECK(result.uncovered.empty());
}

TEST_CASE("a budget holds while lines are counted") {
  const SuiteResult result =
      try_body("while true do local x = 1 end",
               "case 'x' { peer { tcp = 7000 }, expect { status = 'error', reason = 'over_budget' } }");
  CHECK(result.good());
}

}  // namespace
}  // namespace audit::trial

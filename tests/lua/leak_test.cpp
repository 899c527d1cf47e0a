#include "bench.hpp"

namespace audit::lua {
namespace {

/// The state's memory with its garbage collected: checks that allocate drive the collector through whole cycles, and what
/// it falls to is what is held.
std::size_t settled(Bench& bench, std::size_t idle_rule) {
  std::size_t least = ~std::size_t{0};
  for (int i = 0; i < 6'000; ++i) {
    (void)bench.run(idle_rule);
    least = std::min(least, bench.machine().memory());
  }
  return least;
}

}  // namespace

TEST_CASE("ten thousand checks that misbehave leave the machine's memory where it was") {
  const char* bodies[] = {
      "local t = {} while true do t[#t + 1] = {} end",
      "error({})",
      "while true do pcall(function() while true do end end) end",
      "local c = target:connect(22) local x <close> = setmetatable({}, { __close = function() while true do end end }) "
      "c:read()",
      "require 'module' table.sort({ 3, 2, 1 }, function() while true do end end)",
      "target:banner(23)",
      "local function f() return 1 + f() end f()",
      "for i = 1, 50 do try(target.banner, target, 23) end",
      "pass(target:port(22)) fail('x', target:port(22))",
      "parallel { function() error({}) end, function() local c = target:connect(22) c:read() end }",
      "parallel { function() while true do end end, function() local c = target:connect(22) while true do end end }",
      "",
  };
  std::vector<std::shared_ptr<Rule>> rules;
  for (const char* body : bodies) rules.push_back(rule_of(body, "test.r" + std::to_string(rules.size())));
  rules.push_back(rule_of("local t = {} for i = 1, 20 do t[i] = { i } end return info(#t .. '')", "test.idle"));
  Budget budget;
  budget.steps = 20'000;
  budget.memory = 256U << 10U;
  budget.probes = 20;
  Bench bench(std::move(rules), budget);
  bench.modules["module"] = "return { text = ('x'):rep(1000) }";
  bench.port(22, {net::ScriptStep::say("x"), net::ScriptStep::end()});
  for (std::size_t i = 0; i < 100; ++i) (void)bench.run(i % std::size(bodies));  // what is made once is made
  const std::size_t before = settled(bench, std::size(bodies));
  for (std::size_t i = 0; i < 10'000; ++i) {
    const Outcome outcome = bench.run(i % std::size(bodies));
    REQUIRE(outcome.finding.status == Status::error);
  }
  const std::size_t after = settled(bench, std::size(bodies));
  INFO(before << " bytes before, " << after << " after");
  CHECK(after < before + 16'384);
}

}  // namespace audit::lua

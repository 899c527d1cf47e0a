#include "bench.hpp"

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

}  // namespace audit::lua

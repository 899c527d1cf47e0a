#include <unistd.h>

#include "bench.hpp"

// What a supervising process is shown, and what it asks for.

namespace audit::lua {
namespace {

TEST_CASE("a supervisor sees which check has its turn, and that none has while it waits or after it ended") {
  Bench bench("target:banner(22, { timeout = 5 }) return info('done')");
  bench.port(22, {net::ScriptStep::say("hello\n", std::chrono::seconds(1))});
  OnCpu seen;
  seen.begin(gettid());
  bench.supervision.on_cpu = &seen;
  CHECK(ended(bench.run()) == "informational");
  CHECK(seen.turn() % 2 == 0);
  CHECK(seen.turn() >= 4);  // before the banner and after it
  CHECK(seen.check() == CheckName{"test.rule", bench.subject.id});
  CHECK(seen.thread() == gettid());
}

TEST_CASE("a check that was stuck is not begun again, and its neighbours are") {
  const std::string body =
      "return rule { id = 'test.stuck', title = 't', severity = 'low', requires = 'nothing', "
      "check = function() while true do end end }";
  Bench bench({rule_of_file(body, "test.stuck"), rule_of("return info('done')", "test.other")});
  const std::set<CheckName> stuck{{"test.stuck", bench.subject.id}, {"test.other", "elsewhere"}};
  bench.supervision.stuck = &stuck;
  const Outcome outcome = bench.run(0);
  CHECK(ended(outcome) == "error rule_stuck");
  CHECK(outcome.finding.message.find("held a processor") != std::string::npos);
  CHECK(ended(bench.run(1)) == "informational");
}

TEST_CASE("names that are too long for what a supervisor sees are cut, not written beyond it") {
  OnCpu seen;
  seen.take_turn(std::string(5'000, 'r'), std::string(5'000, 't'));
  CHECK(seen.check() == CheckName{std::string(511, 'r'), std::string(511, 't')});
}

}  // namespace
}  // namespace audit::lua

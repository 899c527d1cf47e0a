#include "audit/earlier_targets.hpp"

#include "worked.hpp"

namespace audit::core {
namespace {

constexpr const char* inventory = "schema = 1\n[[targets]]\naddress = \"10.0.0.0/29\"\n";

RuleMake on_telnet() {
  RuleMake make;
  make.ports = "23";
  make.absent = Status::pass;  // what was not seen is none all the same
  make.body = "return fail('it answers', target:port(23))";
  return make;
}

std::unique_ptr<Plan> plan_after(std::initializer_list<const char*> targets) {
  std::unique_ptr<Plan> plan = plan_of(inventory, {make_rule("t.telnet", on_telnet())});
  plan->earlier = EarlierTargets("20261122T010203-3fa91c", "");
  for (const char* target : targets) plan->earlier.add(target);
  plan->earlier.settle();
  return plan;
}

}  // namespace

TEST_CASE("what was a target stays one where a journal kept it") {
  EarlierTargets targets("run", "");
  for (int i = 0; i < 1'000; ++i) targets.add("10.0.0." + std::to_string(i));
  targets.add("10.0.0.7");
  targets.settle();
  const EarlierTargets again(targets.run(), targets.bytes());
  CHECK(again.size() == 1'000);
  CHECK(again.bytes() == targets.bytes());
  CHECK(again.contains("10.0.0.999"));
  CHECK_FALSE(again.contains("10.0.1.0"));
  CHECK_FALSE(EarlierTargets().contains("10.0.0.7"));
  CHECK(EarlierTargets("run", "a half").size() == 0);
}

TEST_CASE("a silent candidate that was a target in the last complete run is one, and says so") {
  Worked worked(plan_after({"10.0.0.3"}));
  worked.run();
  CHECK(worked.count(Fate::dark) == 5);
  CHECK(worked.status("t.telnet", "10.0.0.3") == "not_reviewed unreachable");
  CHECK_THAT(worked.check("t.telnet", "10.0.0.3").foremost().message,
             Catch::Contains("it was a target in run 20261122T010203-3fa91c"));
}

TEST_CASE("a candidate that was a target and is not asked, because the run is stopped, is not left out") {
  Worked worked(plan_after({"10.0.0.3"}));
  worked.world.stop();
  worked.run();
  CHECK(worked.status("t.telnet", "10.0.0.3") == "not_reviewed stopped");
  CHECK(worked.count(Fate::unasked) == 5);
}

}  // namespace audit::core

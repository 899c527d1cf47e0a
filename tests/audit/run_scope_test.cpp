#include <fmt/format.h>

#include "inventory/limit.hpp"
#include "worked.hpp"

// Rules with scope = "run": what they collect of each target, and the one check of target `*`.

namespace audit::core {
namespace {

using Catch::Contains;

constexpr const char* two_hosts =
    "schema = 1\n[[targets]]\naddress = \"10.0.0.1\"\n[[targets]]\naddress = \"10.0.0.2\"\n";
constexpr const char* banner_of_22 =
    "local seen = target:banner(22) return { seen = seen, first = seen.bytes:sub(1, 1) }";
constexpr const char* all_differ =
    "local known = {} for host in run:each() do local first = host.collected.first\n"
    "if known[first] then return fail('both say ' .. first, { known[first], host.collected.seen }) end\n"
    "known[first] = host.collected.seen end return pass('all differ')";

std::shared_ptr<lua::Rule> run_rule(const std::string& body, const std::string& collect = banner_of_22,
                                    const std::string& ports = "22") {
  RuleMake make;
  make.ports = ports;
  make.body = body;
  make.collect = collect;
  return make_rule("test.run", make);
}

/// Two hosts whose port 22 says this; "" where it is closed.
struct Two : Worked {
  Two(std::shared_ptr<lua::Rule> rule, const std::string& first, const std::string& second,
      const char* inventory = two_hosts)
      : Worked(inventory, {std::move(rule)}) {
    says("10.0.0.1", first);
    says("10.0.0.2", second);
  }
  void says(const std::string& address, const std::string& text) {
    host(address);
    if (!text.empty()) port(address, 22, net::PortEvent::open, {net::ScriptStep::say(text), net::ScriptStep::end()});
  }
  std::string judge() {
    run();
    return status("test.run", "*");
  }
  const Finding& finding() { return check("test.run", "*").foremost(); }
};

}  // namespace

TEST_CASE("a rule of the run is planned once, as a check of target *, and of no target") {
  Two two(run_rule(all_differ), "a", "b");
  CHECK(two.judge() == "pass observed");
  REQUIRE(two.keeper.of_run.size() == 1);
  CHECK(two.keeper.of_run[0].planned == 1);
  CHECK(two.keeper.of_run[0].checks.size() == 1);
  for (const TargetMessage& message : two.keeper.messages) {
    CHECK(message.planned == 0);
    CHECK(message.checks.empty());
    CHECK(message.collected.empty());
  }
}

TEST_CASE("a fail of the run points at what was collected, named by its target") {
  Two two(run_rule(all_differ), "a", "a");
  CHECK(two.judge() == "fail observed");
  const std::vector<Evidence>& evidence = two.finding().evidence;
  REQUIRE(evidence.size() == 3);
  CHECK(evidence[0].label == "10.0.0.1");
  CHECK(evidence[1].label == "10.0.0.2");
  CHECK(evidence[0].observation->endpoint == "tcp/10.0.0.1:22");
  CHECK(evidence[2].label == "collection");
  CHECK(*evidence[2].note.find("collected")->get_if<std::int64_t>() == 2);
}

TEST_CASE("a pass over an incomplete collection is not reviewed, and a fail stays") {
  const char* with_silent =
      "schema = 1\n[[targets]]\naddress = \"10.0.0.1\"\n[[targets]]\naddress = \"10.0.0.2\"\n[[targets]]\naddress = "
      "\"10.0.0.3\"\n";
  Two differ(run_rule(all_differ), "a", "b", with_silent);
  CHECK(differ.judge() == "not_reviewed unreachable");
  CHECK_THAT(differ.finding().message,
             Contains("the rule said \"all differ\", but 1 of 3 targets is missing: 1 unreachable; 10.0.0.3"));
  Two same(run_rule(all_differ), "a", "a", with_silent);
  CHECK(same.judge() == "fail observed");
  CHECK(same.check("test.run", "*").results.size() == 2);
  CHECK(same.check("test.run", "*").results[1].status == Status::not_reviewed);
  // Neither is what says nothing of good or bad as good as a whole one.
  Two told(run_rule("return info('x')"), "a", "b", with_silent);
  CHECK(told.judge() == "not_reviewed unreachable");
}

TEST_CASE("a target whose ports are closed, or of which nothing is returned, has nothing to compare") {
  Two closed(run_rule("return pass(run.targets .. run.collected .. run.absent .. tostring(run.complete))"), "a", "");
  CHECK(closed.judge() == "pass observed");
  CHECK(closed.finding().message == "211true");
  Two nothing(run_rule(all_differ, "return nil"), "a", "b");
  CHECK(nothing.judge() == "not_applicable observed");
  CHECK(nothing.finding().message == "nothing to compare on any of 2 targets");
  Two all_closed(run_rule(all_differ), "", "");
  CHECK(all_closed.judge() == "not_applicable observed");
}

TEST_CASE("a pass where nothing was collected cannot be: no Lua runs") {
  const char* dark = "schema = 1\n[[targets]]\naddress = \"10.9.0.0/30\"\n";
  Worked none(dark, {run_rule("return pass('x')")});
  none.run();
  CHECK(none.status("test.run", "*") == "not_reviewed unreachable");
  Two failed(run_rule("return pass('x')", "error('no')"), "a", "b");
  CHECK(failed.judge() == "error rule_error");
  CHECK_THAT(failed.finding().message, Contains("nothing was collected: 2 of 2 targets are missing: 2 rule_error"));
}

TEST_CASE("a verdict of the run rests on something that was seen") {
  Two unseen(run_rule("return pass('x')", "return target.id"), "a", "b");
  CHECK(unseen.judge() == "error rule_error");
  CHECK_THAT(unseen.finding().message, Contains("rests on nothing"));
  // Seen, and not returned.
  Two seen(run_rule("return pass('x')", "return target:banner(22).bytes"), "a", "b");
  CHECK(seen.judge() == "pass observed");
  CHECK(seen.finding().evidence[0].observation != nullptr);
  // Nothing was named: the first that was collected stand for it.
  Two sampled(run_rule("return pass('x')"), "a", "b");
  CHECK(sampled.judge() == "pass observed");
  REQUIRE(sampled.finding().evidence.size() == 3);
  CHECK(sampled.finding().evidence[0].label == "10.0.0.1");
  CHECK(sampled.finding().evidence[0].observation->probe == "banner");
}

TEST_CASE("what a rule handles and did not see makes its collection incomplete") {
  Two two(run_rule("return pass('x')", "return { try(target.banner, target, 9100), seen = target:banner(22) }"), "a",
          "b", "schema = 1\n[[targets]]\naddress = \"10.0.0.1\"\n[[targets]]\naddress = \"10.0.0.2\"\n");
  CHECK(two.judge() == "not_reviewed out_of_scope");
}

TEST_CASE("verdicts are for check, and probes for collect") {
  Two early(run_rule("return pass('x')", "return pass('x', target:banner(22))"), "a", "b");
  CHECK(early.judge() == "error rule_error");
  CHECK_THAT(early.finding().message, Contains("`collect` returns what it found"));
  Two late(run_rule("run:banner(22)"), "a", "b");
  CHECK(late.judge() == "error rule_error");
  CHECK_THAT(late.finding().message, Contains("what asks the network belongs in `collect`"));
  Two silent(run_rule("local x = run.targets"), "a", "b");
  CHECK(silent.judge() == "error rule_error");
  CHECK_THAT(silent.finding().message, Contains("without a verdict"));
}

TEST_CASE("a stopped run leaves its rules not reviewed") {
  Two two(run_rule("return pass('x')"), "a", "b");
  two.world.stop();
  CHECK(two.judge() == "not_reviewed stopped");
}

TEST_CASE("what was collected can be read as it was, in the order of the targets, and not changed") {
  const std::string collect =
      "return { seen = target:banner(22), list = { 3, 2, 1 }, deep = { a = { b = 'c' } }, 'one', true }";
  const auto said = [&](const std::string& body) {
    Two two(run_rule(body, collect), "a", "b");
    two.judge();
    return two.finding().message;
  };
  CHECK(said("local ids = '' for host in run:each() do ids = ids .. host.id .. ' ' end return pass(ids)") ==
        "10.0.0.1 10.0.0.2 ");
  const auto first = [&](const std::string& body) {
    return said("local host = run:each()() local c = host.collected " + body);
  };
  CHECK(first("return pass(#c.list .. table.concat(c.list, '-') .. c.deep.a.b .. c[1] .. tostring(c[2]))") ==
        "33-2-1conetrue");
  CHECK(first("local keys = '' for k in pairs(c) do keys = keys .. tostring(k) .. ' ' end return pass(keys)") ==
        "1 2 deep list seen ");
  CHECK(first("local sum = 0 for _, n in ipairs(c.list) do sum = sum + n end return pass('' .. sum)") == "6");
  CHECK(first("local empty = next(c.deep.a) == nil return pass(tostring(empty) .. next(c.deep.a))") == "falseb");
  for (const std::string change :
       {"c.list[1] = 9", "c.deep.a.b = 'x'", "c.new = 1", "host.id = 'x'", "c.seen.bytes = 'x'", "run.targets = 9",
        "table.insert(c.list, 4)", "table.sort(c.list)", "rawset(c, 'x', 1)", "setmetatable(c, {})"}) {
    INFO(change);
    CHECK(first("local done = pcall(function() " + change +
                " end) return pass(tostring(done) .. c.list[1] .. c.deep.a.b)") == "false3c");
  }
  // One walk shows the next what it showed the first.
  CHECK(
      said(
          "local n = 0 for a in run:each() do for b in run:each() do if a.id == b.id then n = n + 1 end end end return "
          "pass('' .. n)") == "2");
  // A whole collection, or a part of it, is evidence.
  Two two(run_rule("local host = run:each()() return fail('x', host.collected)", collect), "a", "b");
  two.judge();
  std::string labels;
  for (const Evidence& item : two.finding().evidence) labels += item.label + "|";
  CHECK(labels == "||deep|list|seen (10.0.0.1)|collection|");
}

TEST_CASE("what collect returns is bounded, and said to be") {
  const auto judged = [](const std::string& collect) {
    Two two(run_rule("return pass('x')", "target:banner(22) " + collect), "a", "");
    const std::string status = two.judge();
    return status + ": " + two.finding().message;
  };
  CHECK_THAT(judged("return ('x'):rep(300000)"), Contains("error over_budget") && Contains("more than 256 KiB"));
  CHECK_THAT(judged("local t = {} for i = 1, 65 do t[i] = i end return t"), Contains("more than 64 values"));
  CHECK_THAT(judged("return function() end"), Contains("not plain data"));
  CHECK_THAT(judged("return { [true] = 1 }"), Contains("a key that is neither"));
  CHECK_THAT(judged("return 1, 2"), Contains("two values"));
  CHECK_THAT(judged("local t = {} t.t = t return t"), Contains("nested too deeply"));
  CHECK(judged("return ('x'):rep(200000)") == "pass observed: x");
}

TEST_CASE("what a run keeps is bounded: who does not fit is missing") {
  Gathering gathering;
  constexpr std::uint64_t targets = 200;
  for (std::uint64_t i = targets; i > 0; --i) {
    TargetMessage message;
    CollectedMessage& one = message.collected.emplace_back();
    one.target.ordinal = i;
    one.target.subject.id = std::to_string(i);
    one.target.collected.items.emplace_back();
    one.target.collected.bytes = Gathering::most_bytes / 50;
    gathering.take(message);
  }
  const lua::Collection collection = gathering.of(0);
  CHECK(collection.asked == targets);
  CHECK(collection.targets.size() + collection.missing_count == targets);
  CHECK(collection.targets.size() == 49);
  CHECK(collection.missing.size() == Gathering::most_missing);
  CHECK(collection.missing.front().ordinal == 1);
  CHECK(collection.targets.front().ordinal < collection.targets.back().ordinal);
  CHECK(collection.missing_by_reason.at(Reason::over_budget) == collection.missing_count);
}

TEST_CASE("the safety of a group holds for what is collected of it") {
  RuleMake make;
  make.ports = "22";
  make.body = "return pass('' .. run.targets)";
  make.collect = banner_of_22;
  make.safety = Safety::normal;
  Two two(make_rule("test.run", make), "a", "b",
          "schema = 1\n[groups.plc]\nsafety = \"connect\"\n[[targets]]\naddress = \"10.0.0.1\"\n[[targets]]\naddress = "
          "\"10.0.0.2\"\ngroups = [\"plc\"]\n");
  CHECK(two.judge() == "not_reviewed out_of_scope");  // 1 of 2 is no pass
  CHECK_THAT(two.finding().message, Contains("the rule said \"1\""));
  CHECK(two.plan->run_rules().size() == 1);
  const std::unique_ptr<Plan> none = plan_of(
      "schema = 1\n[groups.plc]\nsafety = \"connect\"\n[[targets]]\naddress = \"10.0.0.2\"\ngroups = [\"plc\"]\n",
      {make_rule("test.run", make)});
  CHECK(none->run_rules().empty());
}

TEST_CASE("a pass over a part of the inventory is not reviewed, and says what was left out") {
  const char* spared =
      "schema = 1\n[groups.plc]\nsafety = \"connect\"\n[[targets]]\naddress = \"10.0.0.1\"\n[[targets]]\naddress = "
      "\"10.0.0.2\"\n[[targets]]\naddress = \"10.0.0.3\"\ngroups = [\"plc\"]\n";
  Two differ(run_rule(all_differ), "a", "b", spared);
  differ.host("10.0.0.3");
  CHECK(differ.judge() == "not_reviewed out_of_scope");
  CHECK(differ.finding().message ==
        "the rule said \"all differ\", but test.run: not asked of 1 of 3 targets (10.0.0.3), because `safety` does not "
        "allow it");
  Two same(run_rule(all_differ), "a", "a", spared);
  same.host("10.0.0.3");
  CHECK(same.judge() == "fail observed");
  CHECK(same.check("test.run", "*").results.size() == 2);
  Two nothing(run_rule(all_differ), "", "", spared);
  nothing.host("10.0.0.3");
  CHECK(nothing.judge() == "not_reviewed out_of_scope");
  Two told(run_rule("return pass(tostring(run.complete))"), "a", "b", spared);
  told.host("10.0.0.3");
  told.judge();
  CHECK_THAT(told.finding().message, Contains("the rule said \"false\""));
}

TEST_CASE("a run-scope pass under --limit is not reviewed") {
  const auto inventory = inventory_of(two_hosts);
  REQUIRE(inventory::limit_to(*inventory, {"10.0.0.1"}, false).empty());
  lua::RuleSet set;
  set.rules.push_back(run_rule(all_differ));
  Worked one(std::move(make_plan(inventory, std::move(set), "", 1).plan));
  one.host("10.0.0.1");
  one.port("10.0.0.1", 22, net::PortEvent::open, {net::ScriptStep::say("a"), net::ScriptStep::end()});
  one.run();
  CHECK(one.status("test.run") == "not_reviewed out_of_scope");
  CHECK_THAT(one.check("test.run").foremost().message, Contains("but 1 of 2 targets was left out by --limit"));
}

}  // namespace audit::core

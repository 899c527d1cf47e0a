#include "base/assessment.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>

using namespace audit;

namespace {

Check check_of(std::string rule, std::string target, std::vector<Status> results) {
  Check check;
  check.rule = std::move(rule);
  check.target = std::move(target);
  for (const Status status : results) {
    Finding finding;
    finding.status = status;
    finding.reason = Reason::observed;
    check.results.push_back(std::move(finding));
  }
  return check;
}

RuleRecord selected(const std::string& id) {
  RuleRecord rule;
  rule.id = id;
  return rule;
}

Framework::Control control_of(std::vector<Framework::Mapping> rules) { return {"1.1", "One", std::move(rules)}; }

const Framework::Mapping full{"a.full", Support::full, "it sees all of it"};
const Framework::Mapping partial{"b.partial", Support::partial, "it sees some of it"};

/// One rule's checks, each of one result.
RuleOutcomes of(const std::string& rule, const std::vector<Status>& statuses) {
  std::vector<Check> checks;
  for (const Status status : statuses) checks.push_back(check_of(rule, "h", {status}));
  return outcomes_of({selected(rule)}, checks, {});
}

ControlState state(const Framework::Control& control, const RuleOutcomes& outcomes, bool complete = true) {
  return assess_control(control, outcomes, nullptr, complete).state;
}

ControlAnswer answer(bool met, bool current) {
  ControlAnswer given;
  given.framework = "LAB";
  given.control = "1.1";
  given.met = met;
  given.current = current;
  given.status = met ? "met" : "not met";
  given.by = "j.doe";
  given.date = "2026-11-01";
  given.valid_until = "2027-01-31";
  return given;
}

}  // namespace

TEST_CASE("a control with any failure is not satisfied, whatever else passes") {
  CHECK(state(control_of({full}), of("a.full", {Status::pass, Status::fail, Status::pass})) ==
        ControlState::not_satisfied);
  const ControlAssessment one =
      assess_control(control_of({full, partial}),
                     outcomes_of({selected("a.full"), selected("b.partial")},
                                 {check_of("a.full", "h", {Status::pass}),
                                  check_of("b.partial", "h", {Status::fail, Status::fail, Status::pass})},
                                 {}),
                     nullptr, true);
  CHECK(one.state == ControlState::not_satisfied);
  CHECK(one.sum.failures == 2);
  CHECK(one.why == "2 failures (b.partial 2)");
  REQUIRE(one.rules[1].outcome.failed.size() == 1);
  CHECK(one.rules[1].outcome.failed[0].target == "h");
}

TEST_CASE("risk is accepted only where every failure is waived, and that is not satisfied") {
  const std::vector<Check> checks{check_of("a.full", "h", {Status::fail, Status::fail})};
  const auto assess_with = [&](std::size_t waived) {
    const IsWaived is_waived = [&](const Check& check, const Finding& finding) {
      return static_cast<std::size_t>(&finding - check.results.data()) < waived;
    };
    return assess_control(control_of({full}), outcomes_of({selected("a.full")}, checks, is_waived), nullptr, true);
  };
  CHECK(assess_with(0).state == ControlState::not_satisfied);
  CHECK(assess_with(1).state == ControlState::not_satisfied);
  CHECK(assess_with(1).why == "2 failures, 1 waived (a.full 2)");
  CHECK(assess_with(2).state == ControlState::risk_accepted);
  CHECK(assess_with(2).why == "2 failures, all waived (a.full 2)");
}

TEST_CASE("a control is satisfied only by full mappings with full coverage") {
  const Framework::Control by_full = control_of({full});
  CHECK(state(by_full, of("a.full", {Status::pass, Status::not_applicable})) == ControlState::satisfied);
  CHECK(state(control_of({partial}), of("b.partial", {Status::pass, Status::pass})) == ControlState::partial_evidence);
  for (const Status gap : {Status::error, Status::not_reviewed, Status::informational})
    CHECK(state(by_full, of("a.full", {Status::pass, gap})) == ControlState::partial_evidence);
  CHECK(state(by_full, of("a.full", {Status::not_applicable})) == ControlState::no_evidence);
  CHECK(state(by_full, of("a.full", {Status::pass}), false) == ControlState::partial_evidence);
}

TEST_CASE("what a partial mapping did not see keeps a full one from satisfying") {
  const Framework::Control both = control_of({full, partial});
  const std::vector<Check> checks{check_of("a.full", "h", {Status::pass})};
  CHECK(state(both, outcomes_of({selected("a.full")}, checks, {})) == ControlState::partial_evidence);
  CHECK(state(both, outcomes_of({selected("a.full"), selected("b.partial")}, checks, {})) ==
        ControlState::partial_evidence);
  std::vector<Check> more = checks;
  more.push_back(check_of("b.partial", "h", {Status::informational}));
  CHECK(state(both, outcomes_of({selected("a.full"), selected("b.partial")}, more, {})) == ControlState::satisfied);
}

TEST_CASE("without a rule a control is not covered, and without an observation it has no evidence") {
  CHECK(state(control_of({}), {}) == ControlState::not_covered);
  CHECK(state(control_of({full}), {}) == ControlState::no_evidence);
  CHECK(state(control_of({full}), of("a.full", {})) == ControlState::no_evidence);
  CHECK(state(control_of({full}), of("a.full", {Status::error, Status::not_reviewed})) == ControlState::no_evidence);
  CHECK(state(control_of({partial}), of("b.partial", {Status::not_applicable, Status::error})) ==
        ControlState::no_evidence);
  CHECK(state(control_of({partial}), of("b.partial", {Status::informational})) == ControlState::partial_evidence);
}

TEST_CASE("an attested control is attested, never satisfied by machine, and a failure stands") {
  const auto with = [](const Framework::Control& control, const RuleOutcomes& outcomes, const ControlAnswer& given) {
    return assess_control(control, outcomes, &given, true);
  };
  CHECK(with(control_of({}), {}, answer(true, true)).state == ControlState::attested);
  CHECK(with(control_of({}), {}, answer(true, true)).why == "j.doe said `met` on 2026-11-01, valid until 2027-01-31");
  CHECK(with(control_of({partial}), of("b.partial", {Status::pass}), answer(true, true)).state ==
        ControlState::attested);
  CHECK(with(control_of({full}), of("a.full", {Status::fail}), answer(true, true)).state ==
        ControlState::not_satisfied);
  CHECK(with(control_of({full}), of("a.full", {Status::pass}), answer(true, true)).state == ControlState::satisfied);
  CHECK(with(control_of({full}), of("a.full", {Status::pass}), answer(false, true)).state ==
        ControlState::not_satisfied);
  CHECK(with(control_of({}), {}, answer(true, false)).state == ControlState::not_reviewed);
  CHECK(with(control_of({}), {}, answer(false, false)).state == ControlState::not_reviewed);
  CHECK(with(control_of({partial}), of("b.partial", {Status::pass}), answer(true, false)).state ==
        ControlState::partial_evidence);
}

TEST_CASE("random mappings and results: a failure never satisfies, and fewer observations never improve a state") {
  std::mt19937 random(17);
  const auto below = [&](std::uint32_t bound) { return static_cast<std::uint32_t>(random() % bound); };
  constexpr std::array<Status, 8> statuses{Status::pass, Status::pass,  Status::pass,           Status::pass,
                                           Status::fail, Status::error, Status::not_applicable, Status::not_reviewed};
  std::size_t satisfied = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::vector<Framework::Mapping> mappings;
    std::vector<RuleRecord> rules;
    std::vector<Check> checks;
    const std::uint32_t variety = 1 + below(8);
    for (std::uint32_t i = 0, n = below(4); i < n; ++i) {
      const std::string id = "r." + std::to_string(i);
      mappings.push_back({id, below(2) == 0 ? Support::full : Support::partial, "why"});
      if (below(8) > 0) rules.push_back(selected(id));
      for (std::uint32_t t = 0, targets = below(4); t < targets && !rules.empty() && rules.back().id == id; ++t)
        checks.push_back(check_of(id, std::to_string(t), {statuses[below(variety)], statuses[below(variety)]}));
    }
    const IsWaived all_waived = [](const Check&, const Finding&) { return true; };
    const bool waive = below(2) == 0;
    const auto assessed = [&](const std::vector<RuleRecord>& in, const std::vector<Check>& seen) {
      return assess_control(control_of(mappings), outcomes_of(in, seen, waive ? all_waived : IsWaived()), nullptr,
                            true);
    };
    const ControlAssessment whole = assessed(rules, checks);
    const bool failed = std::any_of(checks.begin(), checks.end(), [](const Check& check) {
      return std::any_of(check.results.begin(), check.results.end(),
                         [](const Finding& one) { return one.status == Status::fail; });
    });
    if (failed) CHECK(whole.state == (waive ? ControlState::risk_accepted : ControlState::not_satisfied));
    if (whole.state == ControlState::satisfied) {
      ++satisfied;
      CHECK(whole.sum.of(Status::pass) > 0);
      CHECK(whole.sum.blind() == 0);
    }
    CHECK((whole.state == ControlState::not_covered) == mappings.empty());
    CHECK_FALSE(whole.why.empty());
    if (checks.empty()) continue;
    const std::size_t at = below(static_cast<std::uint32_t>(checks.size()));
    std::vector<Check> blind = checks;
    blind[at] = check_of(checks[at].rule, checks[at].target, {below(2) == 0 ? Status::error : Status::not_reviewed});
    CHECK(assessed(rules, blind).state != ControlState::satisfied);
    CHECK(assessed(rules, blind).sum.of(Status::pass) <= whole.sum.of(Status::pass));
    if (whole.state == ControlState::no_evidence) CHECK(assessed(rules, blind).state == ControlState::no_evidence);
    std::vector<RuleRecord> unselected = rules;
    std::erase_if(unselected, [&](const RuleRecord& rule) { return rule.id == checks[at].rule; });
    std::vector<Check> fewer = checks;
    std::erase_if(fewer, [&](const Check& check) { return check.rule == checks[at].rule; });
    CHECK(assessed(unselected, fewer).state != ControlState::satisfied);
    CHECK(assess_control(control_of(mappings), outcomes_of(rules, checks, {}), nullptr, false).state !=
          ControlState::satisfied);
  }
  CHECK(satisfied > 100);
}

TEST_CASE("frameworks are assessed control by control, and the counts sum to the controls") {
  Controls controls;
  Framework framework;
  framework.id = "LAB";
  framework.controls = {control_of({full}), {"1.2", "Two", {}}, {"1.3", "Three", {partial}}};
  controls.frameworks = {framework};
  const auto all = assess(controls, of("a.full", {Status::pass}), {answer(true, true)}, true);
  REQUIRE(all.size() == 1);
  const auto counts = all[0].counts();
  CHECK(counts[static_cast<std::size_t>(ControlState::satisfied)] == 1);
  CHECK(counts[static_cast<std::size_t>(ControlState::not_covered)] == 1);
  CHECK(counts[static_cast<std::size_t>(ControlState::no_evidence)] == 1);
  CHECK(all[0].controls[0].answer.has_value());
  CHECK_FALSE(all[0].controls[1].answer.has_value());
}

TEST_CASE("the checks behind a control are named, and those past the first are only counted") {
  const RuleOutcomes outcomes = of("a.full", std::vector<Status>(RuleOutcome::most_refs + 7, Status::fail));
  CHECK(outcomes.at("a.full").failed.size() == RuleOutcome::most_refs);
  CHECK(outcomes.at("a.full").of(Status::fail) == RuleOutcome::most_refs + 7);
}

TEST_CASE("controls stand in the order of their catalogue") {
  std::vector<std::string> ids{"SC-8(1)", "AC-17(2)", "SC-8", "10.1", "AC-2", "2.2.10", "AC-17", "2.2.9", "AC-02"};
  std::sort(ids.begin(), ids.end(), control_before);
  CHECK(ids ==
        std::vector<std::string>{"2.2.9", "2.2.10", "10.1", "AC-02", "AC-2", "AC-17", "AC-17(2)", "SC-8", "SC-8(1)"});
}

TEST_CASE("a control is not satisfied where its rules saw a part of the inventory, and says which part is missing") {
  const std::vector<Check> checks{check_of("a.full", "h", {Status::pass})};
  const auto assessed = [&](const LeftOut& part) {
    return assess_control(control_of({full}), outcomes_of({selected("a.full")}, checks, {}, {part}), nullptr, true);
  };
  const auto why = [&](const LeftOut& part) {
    const ControlAssessment control = assessed(part);
    CHECK(control.state == ControlState::partial_evidence);
    return control.why;
  };
  CHECK(why({LeftOutBy::limit, "", 2, 5, "", false}) == "1 of 1 check pass; 2 of 5 targets were left out by --limit");
  CHECK(why({LeftOutBy::limit, "", 1, 300, "", true}) ==
        "1 of 1 check pass; 1 of 300 targets and candidates was left out by --limit");
  CHECK(why({LeftOutBy::safety, "a.full", 2, 5, "plc-1", false}) ==
        "1 of 1 check pass; a.full: not asked of 2 of 5 targets (plc-1, …), because `safety` does not allow it");
  CHECK(why({LeftOutBy::expectations, "a.full", 1, 5, "h2", false}) ==
        "1 of 1 check pass; a.full: not asked of 1 of 5 targets (h2), because the inventory says nothing of what it "
        "judges");
  CHECK(why({LeftOutBy::first_address, "", 1, 1, "n", false}) ==
        "1 of 1 check pass; 1 of 1 target (n) was asked at one address alone: `resolve = \"first\"`");
  // What was kept from another rule is no matter of this control's.
  CHECK(assessed({LeftOutBy::safety, "b.other", 2, 5, "plc-1", false}).state == ControlState::satisfied);
}

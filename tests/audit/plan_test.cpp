#include "worked.hpp"

namespace audit::core {

using Catch::Contains;

namespace {

constexpr const char* one_target = "[[targets]]\naddress = \"10.0.0.1\"\n";

std::string ids(const Plan& plan, std::string_view target = {}) {
  std::string text;
  for (const inventory::Entry& entry : plan.inventory->entries) {
    if (!target.empty() && entry.text != target) continue;
    for (const std::uint32_t ordinal : plan.rules_for(*entry.settings))
      text += (text.empty() ? "" : " ") + plan.rules[ordinal].record.id;
    break;
  }
  return text;
}

std::vector<std::shared_ptr<lua::Rule>> some_rules() {
  RuleMake normal;
  normal.ports = "22";
  RuleMake gentle = normal;
  gentle.safety = Safety::connect;
  RuleMake rough = normal;
  rough.safety = Safety::intrusive;
  return {make_rule("a.gentle", gentle), make_rule("b.normal", normal), make_rule("c.rough", rough)};
}

std::vector<std::string> mistakes(std::string_view inventory, std::vector<std::shared_ptr<lua::Rule>> rules,
                                  const std::string& select = "") {
  lua::RuleSet set;
  for (auto& rule : rules) set.rules.push_back(std::move(rule));
  PlanResult result = make_plan(inventory_of(inventory), std::move(set), select, 1);
  CHECK(result.mistakes.empty() == (result.plan != nullptr));
  return result.mistakes;
}

}  // namespace

TEST_CASE("what is intrusive is not planned unless it is selected and its group allows it") {
  const std::string rough_group =
      std::string("[groups.lab]\nsafety = \"intrusive\"\n") + one_target + "groups = [\"lab\"]\n";
  CHECK(ids(*plan_of(one_target, some_rules())) == "a.gentle b.normal");
  CHECK(ids(*plan_of(rough_group, some_rules())) == "a.gentle b.normal");
  CHECK(ids(*plan_of(one_target, some_rules(), "c.rough or a.gentle")) == "a.gentle");
  CHECK(ids(*plan_of(rough_group, some_rules(), "*")) == "a.gentle b.normal c.rough");
}

TEST_CASE("a group's safety keeps rules from its targets, and the plan says so") {
  const auto plan =
      plan_of(std::string("[groups.plc]\nsafety = \"connect\"\n") + one_target + "groups = [\"plc\"]\n", some_rules());
  CHECK(ids(*plan) == "a.gentle");
  REQUIRE(plan->notices.size() == 1);
  CHECK_THAT(plan->notices[0], Contains("b.normal is not planned for 1 entry (10.0.0.1)"));
}

TEST_CASE("policies hold for targets with expectations, whatever is selected") {
  const std::string text = std::string(one_target) +
                           "expect.tcp = { sweep = \"20-25\", require = [22] }\n[[targets]]\naddress = \"10.0.0.2\"\n";
  CHECK(ids(*plan_of(text, some_rules(), "b.normal"), "10.0.0.1") ==
        "b.normal policy.port-missing policy.port-unexpected");
  CHECK(ids(*plan_of(text, some_rules(), "b.normal"), "10.0.0.2") == "b.normal");
  CHECK(ids(*plan_of(text, some_rules(), "not policy and not b.normal"), "10.0.0.1") ==
        "a.gentle policy.port-missing policy.port-unexpected");
  CHECK(ids(*plan_of(one_target, some_rules(), "policy")) == "");
}

TEST_CASE("a selection that is wrong, or names nothing, is a mistake") {
  CHECK_THAT(mistakes(one_target, some_rules(), "b.normal and").at(0), Contains("missing at the end"));
  CHECK_THAT(mistakes(one_target, some_rules(), "b.nromal").at(0), Contains("`b.nromal` matches no rule"));
}

TEST_CASE("the ports of a plan are those of its rules and expectations, without those that are never touched") {
  const auto plan = plan_of("[scope]\nnever = [\"tcp/9100-9107\"]\n" + std::string(one_target) +
                                "expect.tcp = { sweep = \"20-23\", require = [443], allow = [9100] }\n",
                            some_rules());
  const inventory::Settings& settings = *plan->inventory->entries[0].settings;
  CHECK(plan->ports_for(plan->rules_for(settings), settings).format() == "20-23,443");
}

TEST_CASE("parameters of rules that are not there, or of another type, are mistakes with their place") {
  const auto with_param = [] {
    RuleMake make;
    make.ports = "22";
    auto rule = make_rule("b.normal", make);
    rule->params["days"] = lua::Param{"integer", Value(30), ""};
    return std::vector<std::shared_ptr<lua::Rule>>{rule};
  };
  const auto told = [&](const std::string& params) {
    const auto all = mistakes(params + one_target, with_param());
    return all.empty() ? std::string() : all.front();
  };
  CHECK(told("[params.\"b.normal\"]\ndays = 5\n").empty());
  CHECK_THAT(told("[params.\"b.nromal\"]\ndays = 5\n"), Contains("inv.toml:") && Contains("did you mean `b.normal`"));
  CHECK_THAT(told("\n[params.\"b.normal\"]\ndayz = 5\n"),
             Contains("inv.toml:3:1: ") && Contains("did you mean `days`"));
  CHECK_THAT(told("[params.\"b.normal\"]\ndays = \"5\"\n"), Contains("inv.toml:2:1: ") && Contains("integer"));
  CHECK_THAT(told("[params.\"b.normal\"]\ndays = 7\ndayz = true\n"), Contains("inv.toml:3:1: ") && Contains("`dayz`"));
}

TEST_CASE("a rule file cannot take the id of a built-in rule (its checks could not be told apart)") {
  RuleMake make;
  make.ports = "22";
  CHECK_THAT(mistakes(one_target, {make_rule("policy.port-missing", make)}).at(0),
             Contains("rules/policy.port-missing.lua") && Contains("built in"));
}

}  // namespace audit::core

#include "trying.hpp"

#include <fmt/format.h>

#include <set>

namespace audit::trial {

std::shared_ptr<const lua::Rule> rule_on_7000(const std::string& body, Status absent) {
  auto rule = std::make_shared<lua::Rule>();
  rule->record.id = "lab.rule";
  rule->record.title = "A rule";
  rule->record.severity = Severity::medium;
  rule->record.ports.tcp = *parse_ports("7000");
  rule->absent = absent;
  rule->path = "lab/rule.lua";
  rule->source = fmt::format("return rule {{\ncheck = function(target)\n{}\nend }}\n", body);
  return rule;
}

SuiteResult try_rule(const std::shared_ptr<const lua::Rule>& rule, const std::string& test) {
  lua::RuleSet set;
  set.rules.push_back(rule);
  SuiteResult result = run_suite(set, rule, test.empty() ? nullptr : &test, SuiteOptions());
  for (const std::string& mistake : result.mistakes) UNSCOPED_INFO(mistake);
  for (const CaseResult& one : result.results) {
    for (const Difference& difference : one.differences)
      UNSCOPED_INFO(one.name << ": " << difference.field << " - " << difference.expected << " + " << difference.seen);
    if (one.outcome == Outcome::failed)
      UNSCOPED_INFO(one.name << " " << one.how << ": " << one.verdict << ": " << one.why);
  }
  return result;
}

SuiteResult try_body(const std::string& body, const std::string& test, Status absent) {
  return try_rule(rule_on_7000(body, absent), test);
}

std::string faults_of(const SuiteResult& result) {
  std::set<std::string> faults;
  for (const CaseResult& one : result.results)
    if (!one.kind.empty() && one.outcome == Outcome::failed)
      faults.insert(one.kind + " " + one.verdict.substr(0, one.verdict.find(' ')));
  return fmt::format("{}", fmt::join(faults, ", "));
}

}  // namespace audit::trial

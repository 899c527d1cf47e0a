#pragma once

#include <catch2/catch.hpp>

#include <string>

#include "trial/suite.hpp"

namespace audit::trial {

/// A rule on TCP port 7000: `body` is what stands between `function(target)` and `end`, from line 3 on.
[[nodiscard]] std::shared_ptr<const lua::Rule> rule_on_7000(const std::string& body,
                                                            Status absent = Status::not_applicable);
/// Runs the rule's test; "" for a rule that has none.
[[nodiscard]] SuiteResult try_rule(const std::shared_ptr<const lua::Rule>& rule, const std::string& test);
[[nodiscard]] SuiteResult try_body(const std::string& body, const std::string& test,
                                   Status absent = Status::not_applicable);
/// The generated cases that failed: "truncated pass, …", each kind and status once, in order.
[[nodiscard]] std::string faults_of(const SuiteResult& result);

}  // namespace audit::trial

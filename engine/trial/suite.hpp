#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "trial/judge.hpp"
#include "trial/stage.hpp"

namespace audit::trial {

enum class Outcome : std::uint8_t { passed, failed, accepted };

/// How one case ended. Of generated cases only those that failed, or were accepted, are told one by one.
struct CaseResult {
  std::string name;  // the author's case; of a generated one the case that it was made from
  std::string kind;  // of a generated case: "truncated"; "" for the author's
  std::string how;   // of a generated case: what was done to which peer
  std::uint32_t line = 0;
  Outcome outcome = Outcome::passed;
  std::vector<Difference> differences;  // of the author's case
  std::string why;                      // what is wrong with a generated case's verdict, or why it is accepted
  std::string verdict;                  // of a generated case
  std::vector<Said> said;
  Instant began{};
};

struct Tally {
  std::uint64_t run = 0;
  std::uint64_t failed = 0;
  std::uint64_t accepted = 0;
};

/// How one rule's tests ended.
struct SuiteResult {
  std::string rule;
  std::string rule_path;
  std::string test_path;              // "" where there is no test
  std::vector<std::string> mistakes;  // of the test file: nothing of it was run
  std::vector<CaseResult> results;
  std::map<std::pair<std::string, std::string>, Tally> generated;  // by case and kind
  std::uint64_t left_out = 0;                                      // generated cases that a cap left out
  std::uint64_t ports_left_out = 0;                                // of a rule without cases that open one
  std::uint64_t skipped = 0;                                       // the author's cases of which none can be generated
  std::uint32_t lines = 0;                                         // of the rule that hold code
  std::vector<std::uint32_t> uncovered;                            // those that no case of the author's ran
  bool below_coverage = false;                                     // whoever asked for more is told that it failed
  double seconds = 0;

  [[nodiscard]] bool good() const;
  /// Lines that the author's cases ran, in percent; 100 of none.
  [[nodiscard]] double coverage() const;
};

struct SuiteOptions {
  LoadRecording load_recording;
  std::function<bool()> stopped;  // asked between cases
};

/// The test that stands beside a rule: "…/name_test.lua".
[[nodiscard]] std::string test_path_of(const std::string& rule_path);

/// What is wrong with the text of a rule's test, each as "file:line: what"; plays nothing.
[[nodiscard]] std::vector<std::string> mistakes_of_test(const lua::RuleSet& rules, const lua::Rule& rule,
                                                        const std::string& test);

/// Runs a rule's test, where it has one, and the cases that are generated for it. `test`: its text, or null.
[[nodiscard]] SuiteResult run_suite(const lua::RuleSet& rules, const std::shared_ptr<const lua::Rule>& rule,
                                    const std::string* test, const SuiteOptions& options);

}  // namespace audit::trial

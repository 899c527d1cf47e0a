#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "trial/suite.hpp"

namespace audit::cli {

/// What all suites of a run came to.
struct TestCounts {
  std::uint64_t rules = 0;
  std::uint64_t untested = 0;  // rules without a test of their own
  std::uint64_t cases = 0;
  std::uint64_t failed = 0;
  std::uint64_t generated = 0;
  std::uint64_t generated_failed = 0;
  std::uint64_t accepted = 0;
  std::uint64_t left_out = 0;
  std::uint64_t ports_left_out = 0;
  std::uint64_t skipped = 0;
  std::uint64_t wrong = 0;  // tests of which nothing was run
  std::uint64_t lines = 0;
  std::uint64_t uncovered = 0;
  std::uint64_t below_coverage = 0;  // rules

  void add(const trial::SuiteResult& suite);
};

/// A rule's line, the `lines` of it that no case ran, and each of its cases that failed or is accepted, with the conversation.
void print_suite(const trial::SuiteResult& suite, bool lines);
/// An object for each of the author's cases, each kind of generated cases, and the rule.
void print_suite_json(const trial::SuiteResult& suite);
/// "7 rules: 21 cases passed; 1,204 generated, 3 accepted; …"
[[nodiscard]] std::string summary_of(const TestCounts& counts, const std::optional<double>& coverage);
/// The conversation of a case, a line for each thing that happened, bytes escaped.
[[nodiscard]] std::vector<std::string> shown_conversation(const trial::CaseResult& result);

}  // namespace audit::cli

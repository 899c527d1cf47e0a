#include "cli/rules_test_junit.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "base/text.hpp"
#include "cli/rules_test_output.hpp"
#include "report/xml_stream.hpp"

namespace audit::cli {
namespace {

using trial::CaseResult;
using trial::Outcome;
using trial::SuiteResult;

/// Text of XML 1.0, also within an attribute.
std::string xml(std::string_view bytes) { return report::xml_escape(visible(bytes)); }

std::string told(const CaseResult& one) {
  std::string text;
  const auto line = [&](const std::string& what) { text += xml(what) + "\n"; };
  if (!one.how.empty()) line(from_visible(one.how));
  if (!one.verdict.empty()) line("ends as " + from_visible(one.verdict));
  if (!one.why.empty()) line(from_visible(one.why));
  for (const trial::Difference& difference : one.differences) {
    line(fmt::format("- {} {}", difference.field, from_visible(difference.expected)));
    line(fmt::format("+ {} {}", difference.field, from_visible(difference.seen)));
  }
  for (const std::string& said : shown_conversation(one)) line(from_visible(said));
  return text;
}

void put_case(std::string& text, const SuiteResult& suite, const std::string& name, std::uint32_t at,
              const std::vector<const CaseResult*>& of) {
  const std::string& file = suite.test_path.empty() ? suite.rule_path : suite.test_path;
  text += fmt::format("    <testcase classname=\"{}\" name=\"{}\" file=\"{}\" line=\"{}\" time=\"0\"", xml(suite.rule),
                      xml(name), xml(file), at);
  std::string inside;
  std::string accepted;
  std::string failed;
  std::size_t failures = 0;
  for (const CaseResult* one : of) {
    if (one->outcome == Outcome::accepted) accepted += fmt::format("accepted: {}\n", told(*one));
    if (one->outcome != Outcome::failed) continue;
    ++failures;
    failed += told(*one);
  }
  if (failures != 0)
    inside += fmt::format("      <failure message=\"{}\">{}</failure>\n",
                          failures == 1 ? "not what was expected" : fmt::format("{} cases", failures), failed);
  if (!accepted.empty()) inside += fmt::format("      <system-out>{}</system-out>\n", accepted);
  text += inside.empty() ? "/>\n" : ">\n" + inside + "    </testcase>\n";
}

struct Rows {
  std::string text;
  std::size_t tests = 0;
  std::size_t failures = 0;
};

Rows rows_of(const SuiteResult& suite) {
  Rows rows;
  const auto add = [&](const std::string& name, std::uint32_t line, const std::vector<const CaseResult*>& of) {
    ++rows.tests;
    bool failed = false;
    for (const CaseResult* one : of) failed = failed || one->outcome == Outcome::failed;
    if (failed) ++rows.failures;
    put_case(rows.text, suite, name, line, of);
  };
  for (const CaseResult& one : suite.results)
    if (one.kind.empty()) add(one.name, one.line, {&one});
  if (suite.below_coverage) {
    CaseResult lines;
    lines.outcome = Outcome::failed;
    lines.why = fmt::format("{} of {} lines of the rule are run by no case", suite.uncovered.size(), suite.lines);
    add("coverage", 0, {&lines});
  }
  for (const auto& [of, tally] : suite.generated) {
    std::vector<const CaseResult*> told_apart;
    for (const CaseResult& one : suite.results)
      if (one.name == of.first && one.kind == of.second) told_apart.push_back(&one);
    const std::uint32_t line = told_apart.empty() ? 0 : told_apart.front()->line;
    add(fmt::format("{} [{}, {}]", of.first, of.second, counted(tally.run, "case")), line, told_apart);
  }
  return rows;
}

}  // namespace

std::string junit_of(const std::vector<SuiteResult>& suites) {
  std::string text;
  std::size_t tests = 0;
  std::size_t failures = 0;
  double seconds = 0;
  for (const SuiteResult& suite : suites) {
    const Rows rows = rows_of(suite);
    tests += rows.tests;
    failures += rows.failures;
    seconds += suite.seconds;
    text += fmt::format(
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"0\" time=\"{:.3f}\">\n{}"
        "  </testsuite>\n",
        xml(suite.rule), rows.tests, rows.failures, suite.seconds, rows.text);
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuites name=\"audit rules test\" tests=\"{}\" failures=\"{}\" errors=\"0\" time=\"{:.3f}\">\n{}"
      "</testsuites>\n",
      tests, failures, seconds, text);
}

Result<void> write_junit(const std::string& path, const std::vector<SuiteResult>& suites) {
  const auto refuse = [&](const std::error_code& why) {
    return Error(Reason::local_fault, fmt::format("--junit {}: cannot be written: {}", visible(path), why.message()));
  };
  std::error_code failure;
  const auto kind = std::filesystem::status(path, failure).type();
  const bool in_place = kind != std::filesystem::file_type::regular && kind != std::filesystem::file_type::not_found;
  const std::string draft = in_place ? path : fmt::format("{}.part-{}", path, getpid());
  errno = 0;
  std::ofstream file(draft, std::ios::binary);
  if (file) file << junit_of(suites) << std::flush;
  const bool written = file.good();
  if (!written) failure = std::error_code(errno != 0 ? errno : EIO, std::generic_category());
  file.close();
  if (written && in_place) return {};
  failure = written ? std::error_code() : failure;
  if (written) std::filesystem::rename(draft, path, failure);
  if (!failure) return {};
  std::error_code ignored;
  if (!in_place) std::filesystem::remove(draft, ignored);
  return refuse(failure);
}

}  // namespace audit::cli

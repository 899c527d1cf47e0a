#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "trial/suite.hpp"

namespace audit::cli {

/// The suites as JUnit XML: a testsuite a rule; a testcase for each of the author's cases, and one for each kind of
/// generated cases that was made from it. Bytes of peers are escaped (`visible`), so that any of them make valid XML 1.0.
[[nodiscard]] std::string junit_of(const std::vector<trial::SuiteResult>& suites);
/// Replaces the file whole, or not at all. Error: local_fault, with the reason.
[[nodiscard]] Result<void> write_junit(const std::string& path, const std::vector<trial::SuiteResult>& suites);

}  // namespace audit::cli

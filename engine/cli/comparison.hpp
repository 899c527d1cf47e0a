#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "base/run_diff.hpp"
#include "notify/news.hpp"

namespace audit::cli {

/// `--fail-on`: a severity or "never", which hold for all failures, or "new:SEVERITY", for those that the baseline lacks.
struct FailOn {
  std::string severity;  // as exit_code_of takes it
  bool only_new = false;
};

/// "high", "never", "new:high"; none where it is no such word.
[[nodiscard]] std::optional<FailOn> parse_fail_on(const std::string& text);

/// A comparison with an earlier run, and whether that one was sound (`RunSource::sound`).
struct Since {
  RunDiff diff;
  bool was_sound = false;
};

/// What became different since `baseline` (a run of the history or a report, as `audit diff` names them), or, where that
/// is "", since the last complete run of the same scope; none where there is no such run. Error: it cannot be read.
[[nodiscard]] Result<std::optional<Since>> diff_since(const RunRecord& record, const std::string& baseline,
                                                      const std::string& state, const std::string& scope);

/// The exit code of a run that fails on what is new only.
[[nodiscard]] int exit_code_of(const RunRecord& record, const FailOn& fail_on, const std::optional<RunDiff>& diff);

/// The same for those who are told of a run.
[[nodiscard]] notify::Change change_of(const RunRecord& record, const RunDiff& diff, bool was_sound);

}  // namespace audit::cli

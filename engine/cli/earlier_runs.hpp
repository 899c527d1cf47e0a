#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "base/run_record.hpp"

namespace audit::cli {

/// Has the record say how the complete runs of the same scope before it came out: RunRecord::past, the newest
/// `most_past_runs` of them. Error: the history cannot be read.
[[nodiscard]] Result<void> describe_past(RunRecord& record, const std::string& state, const std::string& scope);

inline constexpr std::size_t most_past_runs = 60;

}  // namespace audit::cli

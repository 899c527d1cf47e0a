#pragma once

#include <string>
#include <vector>

#include "base/run_record.hpp"
#include "base/scrubber.hpp"

namespace audit::cli {

[[nodiscard]] WallTime wall_now();
/// "20261120T220405-3fa91c": sorts by time, told apart by chance.
[[nodiscard]] std::string make_run_id(WallTime started);
/// Which program runs, and since when.
void describe_start(RunRecord& record, WallTime started);
/// Whether it came to its end: "" where nothing stopped it. It ended now; local time is that of `zone`.
void describe_finish(RunRecord& record, const std::string& stopped_by, const std::string& zone);
/// What one types to have the run again; secrets are taken out of each word, before quotes could take one apart.
[[nodiscard]] std::string repeated_by(const std::vector<std::string>& arguments, const Scrubber& scrubber);

}  // namespace audit::cli

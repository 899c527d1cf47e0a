#pragma once

#include <string>
#include <vector>

#include "cli/report_files.hpp"

namespace audit::cli {

/// A file that no report may replace, and what it is, such as "--record"; nothing where the path is "".
struct TakenPlace {
  std::string path;
  std::string what;
};

/// What is wrong with where reports are wanted: two at one place, or one at a place that is taken or that is the history's or
/// a lock's in the state directory `state` ("" where there is none).
[[nodiscard]] std::vector<std::string> wrong_places(const std::vector<ReportWish>& wishes,
                                                    const std::vector<TakenPlace>& taken, const std::string& state);

}  // namespace audit::cli

#pragma once

#include <string>
#include <vector>

#include "base/run_record.hpp"

namespace audit::report {

/// What a run left out of its inventory, a sentence each; rules that were kept from the same targets stand together.
[[nodiscard]] std::vector<std::string> told_left_out(const RunRecord& record);

}  // namespace audit::report

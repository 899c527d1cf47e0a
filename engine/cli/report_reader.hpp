#pragma once

#include <string>

#include "base/result.hpp"
#include "base/run_record.hpp"

namespace audit::cli {

/// Reads of a JSON report what a comparison needs: run, inventory, rules, targets and checks; with `observations` also
/// what was seen of the targets and the observations of the checks, each member of them as it was. At most 1 GiB. Error
/// protocol_error: it is none, and where it is not.
[[nodiscard]] Result<RunRecord> read_report(const std::string& path, bool observations = false);

}  // namespace audit::cli

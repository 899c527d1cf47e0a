#pragma once

#include "base/run_record.hpp"

namespace audit::report {

/// The same record with its checks kept elsewhere, as those of a run are: each is overwritten as soon as the walk goes on,
/// so that a writer which still points at it writes something else.
[[nodiscard]] RunRecord fleeting(RunRecord record);

}  // namespace audit::report

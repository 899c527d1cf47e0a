#pragma once

#include <iosfwd>

#include "report/report.hpp"

namespace audit::report {

/// Heimdall's Data Format, "exec JSON". A control is one check, not one rule: Heimdall calls a control passed where one of
/// its tests passed and the others were skipped, and no pass may stand for a target that nobody saw. For the same reason
/// a control's tests are told so that Heimdall makes our status of them; what each is to us stands beside it.
void write_hdf(const RunRecord& record, const Style& style, std::ostream& out);

}  // namespace audit::report

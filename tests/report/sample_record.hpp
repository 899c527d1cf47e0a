#pragma once

#include "base/run_record.hpp"

namespace audit::report {

/// A small, believable run with something in every section: what examples/sample-report.* show.
[[nodiscard]] RunRecord sample_record();

}  // namespace audit::report

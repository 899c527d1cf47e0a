#pragma once

#include <string_view>

#include "base/run_diff.hpp"
#include "report/json_stream.hpp"

namespace audit::report {

/// One end of a comparison, as every comparison in JSON has it.
void put_side(JsonWriter& json, std::string_view name, const DiffSide& side);

}  // namespace audit::report

#pragma once

#include <string>
#include <string_view>

namespace audit::report {

/// The UUID of the run of this id: the same in every format that has one, and from export to export.
[[nodiscard]] std::string uuid_of_run(std::string_view id);

}  // namespace audit::report

#pragma once

#include <string>

namespace audit::cli {

/// A time that nobody needs more exactly: "42 s", "3 min 20 s", "5 h 35 min".
[[nodiscard]] std::string rough_time(double seconds);

}  // namespace audit::cli

#pragma once

#include <chrono>
#include <string>

namespace audit {

/// A day of a calendar, in whatever time zone its owner counts days.
using Day = std::chrono::sys_days;

/// "2027-01-31", as TOML writes a local date.
[[nodiscard]] std::string format_day(Day day);

}  // namespace audit

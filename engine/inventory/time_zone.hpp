#pragma once

#include <string>

#include "base/day.hpp"
#include "base/time.hpp"
#include "inventory/read_value.hpp"

namespace audit::inventory {

/// `timezone = "Europe/Berlin"`: a name that this machine's tzdata has, or "UTC", which needs none. "UTC" and a mistake
/// otherwise: the C library would take an unknown zone for UTC and say nothing.
[[nodiscard]] std::string read_time_zone(Mistakes& mistakes, const KeyValue& member);

/// The day that it is in a zone which read_time_zone let through. Sets TZ for the moment: only before there are threads.
[[nodiscard]] Day day_in(const std::string& zone, WallTime time);

}  // namespace audit::inventory

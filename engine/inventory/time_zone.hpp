#pragma once

#include <string>

#include "base/day.hpp"
#include "base/time.hpp"
#include "inventory/read_value.hpp"

namespace audit::inventory {

/// `timezone = "Europe/Berlin"`: a name that this machine's tzdata has, or "UTC", which needs none. "UTC" and a mistake
/// otherwise: the C library would take an unknown zone for UTC and say nothing.
[[nodiscard]] std::string read_time_zone(Mistakes& mistakes, const KeyValue& member);

/// The day that it is in a zone which read_time_zone let through.
[[nodiscard]] Day day_in(const std::string& zone, WallTime time);

/// What clocks show.
struct ZoneTime {
  std::string zone;              // "Europe/Berlin"; the machine's by its abbreviation, "CET"
  std::chrono::minutes ahead{};  // of UTC
};
/// In a zone which read_time_zone let through; for "UTC", which every inventory has that names none, where this machine is.
[[nodiscard]] ZoneTime local_time(const std::string& zone, WallTime time);

}  // namespace audit::inventory

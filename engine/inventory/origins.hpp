#pragma once

#include <map>
#include <string>
#include <vector>

#include "inventory/place.hpp"

namespace audit::inventory {

/// Where a value of a target's settings was written.
struct Origin {
  std::string value;  // as it stands there
  std::string from;   // "its own entry", "[groups.switches]", "[limits]"
  Place place;
};

/// By key ("limits.gap"): the value that holds, then those it overrides, the nearest first. Of keys whose values add up
/// (tags, never), each that was added. Kept only where somebody asks for them.
using Origins = std::map<std::string, std::vector<Origin>>;

}  // namespace audit::inventory

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/observation_diff.hpp"

namespace audit::report {

// What the formats of `audit diff --observations` say alike.

/// "1 new, 2 gone, 1 unknown now, 12 the same"; "nothing changed: 12 the same".
[[nodiscard]] std::string headline_of(const ObservationDiff& diff);
/// "Gone", "Unknown now", …
[[nodiscard]] std::string_view title_of(ObservedChange change);
/// "open port", "certificate", …
[[nodiscard]] std::string_view words_of(ObservedKind kind);
/// Where it is: its endpoint, the target where that says another thing, and the name that tells it from others there.
[[nodiscard]] std::string place_of(const ObservedDifference& difference);
/// What was seen, `visible`; "" where nothing is known.
[[nodiscard]] std::string words_of(ObservedKind kind, const std::vector<ObservedValue>& values);
/// What makes the runs hard to compare, in sentences.
[[nodiscard]] std::vector<std::string> caveats_of(const ObservationDiff& diff);

}  // namespace audit::report

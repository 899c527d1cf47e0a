#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/model.hpp"
#include "base/result.hpp"

namespace audit::lua {

/// One value of what a rule's `collect` returned: as the rule had it, and the observation that it is, where it is one.
struct CollectedItem {
  std::string label;        // its name in the table that was returned
  std::int64_t number = 0;  // or its place there; 0 where it has a name, or stands alone
  Value value;
  std::shared_ptr<Observation> observation;
};

/// What `collect` returned of one target: nothing, a value, or a table of them.
struct Collected {
  std::vector<CollectedItem> items;  // numbers first, then names, each in their order
  bool table = false;
  std::shared_ptr<Observation> witness;  // the first that saw something, whether it was returned or not
  std::size_t bytes = 0;                 // that it takes, about
};

inline constexpr std::size_t most_collected_items = 64;
inline constexpr std::size_t most_collected_bytes = 256U << 10U;  // of one target

/// Bytes that a value takes in memory, about.
[[nodiscard]] std::size_t weight_of(const Value& value);

}  // namespace audit::lua

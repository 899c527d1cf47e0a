#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "inventory/guard_index.hpp"
#include "inventory/inventory.hpp"
#include "inventory/parsed.hpp"

namespace audit::inventory {

/// What an inventory says of one address or name.
struct Membership {
  const Entry* entry = nullptr;    // whose settings hold
  std::vector<const Entry*> also;  // that cover it too, and are passed over for it
  const Zone* zone = nullptr;
  Guard guard;                        // what all of them together hold it to
  const Exclude* excluded = nullptr;  // by address, or by name as written; what a name resolves to is not looked at
};

/// Finds a target by its address, its name or its id ("berlin/10.1.0.1"), listed or a candidate.
[[nodiscard]] Parsed<Membership> find_target(const Inventory& inventory, std::string_view target);

/// One key of a target: the value that holds, and where it comes from.
struct Setting {
  std::string key;
  std::string value;
  std::vector<Origin> origins;  // the first is where the value comes from; empty: it is the default
};

/// Every key of a target of an inventory that was loaded with its origins, in the order of the alphabet. Of `never`,
/// `safety` and `limits.gap` the strictest of all entries of an address, as a run holds it.
[[nodiscard]] std::vector<Setting> explain(const Membership& membership);

}  // namespace audit::inventory

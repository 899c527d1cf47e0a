#pragma once

#include <map>
#include <string>

#include "audit/sink.hpp"

namespace audit::core {

/// What earlier processes of the same run left behind of members that had not come to their end. Filled before the run
/// begins, then read-only: all shards look into it.
struct Earlier {
  std::map<std::uint64_t, PartMessage> half_done;  // by ordinal, all parts of one together
  std::map<std::string, Result<net::Resolved>> resolutions;

  /// Takes the next part, in the order in which they were handed on.
  void take(PartMessage part);
  /// Null where nothing is left of it.
  [[nodiscard]] const PartMessage* of(std::uint64_t ordinal) const;
  /// Null where nobody asked for the name.
  [[nodiscard]] const Result<net::Resolved>* resolution(const std::string& name) const;
};

}  // namespace audit::core

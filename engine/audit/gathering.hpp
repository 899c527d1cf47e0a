#pragma once

#include <map>
#include <mutex>

#include "audit/sink.hpp"
#include "lua/collection.hpp"

namespace audit::core {

/// What the run-scope rules of a run collect, target by target, until they are judged. Bounded: what does not fit makes
/// its target a missing one.
class Gathering {
 public:
  /// Takes what a target's message brings for these rules out of it; from any thread.
  void take(TargetMessage& message);
  /// All that was collected for a rule, by target; after the run, once.
  [[nodiscard]] lua::Collection of(std::uint32_t rule_ordinal);

  static constexpr std::size_t most_bytes = 128U << 20U;  // of all rules together
  static constexpr std::size_t most_missing = 100;        // told by name, of each rule

 private:
  void take(CollectedMessage message);

  std::mutex mutex_;
  std::map<std::uint32_t, lua::Collection> collections_;
  std::size_t bytes_ = 0;
};

}  // namespace audit::core

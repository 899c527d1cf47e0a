#pragma once

#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "base/left_out.hpp"

namespace audit::core {

/// A rule of the plan that was kept from one target, which therefore has no check of it.
struct NotAsked {
  static constexpr std::uint32_t every_rule = ~std::uint32_t{0};
  std::uint32_t rule = every_rule;  // its ordinal
  LeftOutBy by = LeftOutBy::safety;
};

struct Plan;
struct TargetMessage;

/// Counts them, target by target, over a run: the parts of the inventory that a rule saw nothing of. Thread-safe.
class NotAskedTally {
 public:
  void count(const TargetMessage& message);
  /// By rule; first what --limit left out of the inventory.
  [[nodiscard]] std::vector<LeftOut> parts(const Plan& plan) const;

 private:
  struct Part {
    std::uint64_t count = 0;
    std::string example;
    std::uint64_t ordinal = 0;  // of the example: the first of the inventory
  };
  mutable std::mutex mutex_;
  std::uint64_t targets_ = 0;
  std::map<std::pair<std::uint32_t, LeftOutBy>, Part> parts_;
};

}  // namespace audit::core

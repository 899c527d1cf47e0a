#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/setup.hpp"
#include "cli/watch_notifying.hpp"
#include "cli/watch_round.hpp"

namespace audit::cli {

/// What an inventory and its rules make of a watch; another takes its place where they are read again.
class WatchWork {
 public:
  /// Null, a message and `code`, where it cannot be. `before`: what this one takes the place of; it goes on where that one
  /// was: the order of its targets, and the waivers that were told of.
  [[nodiscard]] static std::unique_ptr<WatchWork> prepare(const Sources& sources, bool notify, const Attempt& attempt,
                                                          int& code, const WatchWork* before = nullptr);

  [[nodiscard]] const core::Plan& plan() const noexcept { return *plan_; }
  [[nodiscard]] const inventory::Inventory& inventory() const noexcept { return *plan_->inventory; }
  [[nodiscard]] RoundRunner& runner() noexcept { return runner_; }
  /// Null where nobody is told.
  [[nodiscard]] WatchNotifying* notifying() noexcept { return notifying_ ? &*notifying_ : nullptr; }

 private:
  WatchWork(std::unique_ptr<core::Plan> plan, const Sources& sources, bool notify, const Attempt& attempt,
            const WatchWork* before);

  std::unique_ptr<core::Plan> plan_;
  RoundRunner runner_;
  std::optional<WatchNotifying> notifying_;
};

/// What one has and the other has not, as people name it: "target 10.0.0.0/24", "rule ssh.version", "notifier ops".
struct WatchDifference {
  std::vector<std::string> came;
  std::vector<std::string> went;
};
[[nodiscard]] WatchDifference difference_of(const core::Plan& before, const core::Plan& now);

}  // namespace audit::cli

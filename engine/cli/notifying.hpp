#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/run_record.hpp"
#include "base/scrubber.hpp"
#include "inventory/inventory.hpp"
#include "notify/tell.hpp"

namespace audit::cli {

/// Tells the notifiers of an inventory what becomes of a run. What goes wrong is said on standard error and given back,
/// and changes nothing else. Looks up the secrets that they need where it is made: before there are other threads.
class Notifying {
 public:
  /// `quiet`: who was told is not said. The inventory outlives it.
  Notifying(const inventory::Inventory& inventory, bool allow_commands, bool quiet);

  /// Pings that a run begins.
  void begin();
  /// To be called once the reports are written. `change`: from the last complete run, where that is known.
  std::vector<notify::Outcome> end(const RunRecord& record, int exit_code,
                                   std::optional<notify::Change> change = std::nullopt);
  /// A message that says it is a test, through `notifier`, or through all where that is "".
  [[nodiscard]] std::vector<notify::Outcome> test(const std::string& notifier);

  /// That work begins.
  [[nodiscard]] notify::News start_news() const;
  /// What notifiers need; refers to this.
  [[nodiscard]] notify::Means means() const;

 private:
  [[nodiscard]] std::vector<notify::Outcome> tell(const std::vector<NotifySettings>& notifiers,
                                                  const notify::News& news) const;

  const inventory::Inventory& inventory_;
  bool quiet_;
  Scrubber scrubber_{{}};
  notify::Means means_;
};

/// What an ended run came to, as notifiers tell it.
[[nodiscard]] notify::News news_of(const RunRecord& record, int exit_code);

}  // namespace audit::cli

#pragma once

#include <deque>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "cli/notifying.hpp"
#include "cli/watch_news.hpp"
#include "notify/teller.hpp"

namespace audit::cli {

/// Tells the notifiers of an inventory what a watch confirms, each on a thread of its own: no round waits for them. Pings
/// hear of each round, the others of changes and, once, of each waiver that ends soon. What waits when the process dies is
/// lost. Looks up the secrets where it is made.
class WatchNotifying {
 public:
  /// The inventory outlives it. Signals are blocked already.
  WatchNotifying(const inventory::Inventory& inventory, bool allow_commands);

  /// Does not tell again of the waivers that this one has told of.
  void inherit(const WatchNotifying& before) { ending_ = before.ending_; }
  /// Pings that the watch begins.
  void begin();
  void round(const RoundFacts& round, const std::vector<WatchChange>& changes);
  /// Waits until all are told or given up, or `hurried`.
  void finish(const std::function<bool()>& hurried);
  /// For people, since the last call: who was told, where `told`, and who was not.
  [[nodiscard]] std::vector<std::string> take_notes(bool told);

 private:
  struct Listener {
    Listener(const NotifySettings& notifier, const notify::Means& means);
    const NotifySettings& settings;
    notify::Teller teller;
    std::uint64_t noted = 0;  // of those that its teller left out
  };
  void tell(const notify::News& news);

  Notifying notifying_;
  notify::Means means_;
  std::string host_;
  std::set<std::string> ending_;  // waivers that were told of
  std::deque<Listener> listeners_;
};

}  // namespace audit::cli

#pragma once

#include <atomic>
#include <map>
#include <string>
#include <vector>

#include "audit/earlier.hpp"
#include "inventory/guard_index.hpp"
#include "net/resolver.hpp"
#include "probe/services.hpp"

namespace audit::core {

/// What names of the inventory forbid for the addresses that they lead to, and which of these addresses are excluded with
/// a group. Those names are resolved before anything is asked, once, so that no other name of the address can have come
/// first. Filled on one shard while the others wait; then read-only.
class NameGuards {
 public:
  /// Resolves them, some at a time: each has its deadline, and all have `longest`. Names that did not resolve are told. One
  /// that an earlier process of the run resolved (null: there was none) leads where it led then.
  [[nodiscard]] awaitable<void> learn(const inventory::GuardIndex& index, probe::Services& services,
                                      const Earlier* earlier = nullptr);
  /// What the names led to, but for those that a stop left: for a process that goes on with the run.
  [[nodiscard]] std::vector<Resolution> resolutions() const;
  /// Lets the other shards begin; whatever became of it.
  void open() noexcept;
  /// Blocks the thread until then.
  void wait() const noexcept;

  /// How a name resolved, which is so for the whole run; null for one that was not among them.
  [[nodiscard]] const Result<net::Resolved>* known(const std::string& name) const;
  [[nodiscard]] inventory::Guard at(const IpAddress& address) const;
  /// The exclude that takes an address out with the group of its name, or null.
  [[nodiscard]] const std::string* excluded(const IpAddress& address) const;
  [[nodiscard]] const std::vector<std::string>& notices() const noexcept { return notices_; }

  static constexpr Duration longest = std::chrono::minutes(5);
  static constexpr std::size_t at_once = 64;

 private:
  struct Held {
    inventory::Guard guard;
    std::string excluded_by;
  };
  struct Learning;
  [[nodiscard]] awaitable<void> resolve(Learning& learning);
  void take(const inventory::GuardIndex& index, const std::vector<Result<net::Resolved>>& answers);

  std::map<std::string, Result<net::Resolved>> known_;
  std::map<IpAddress, Held> held_;
  std::vector<std::string> notices_;
  std::atomic<bool> open_ = false;
};

}  // namespace audit::core

#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.hpp"
#include "base/time.hpp"

namespace audit::cli {

/// What a watch looks at: a target (up, down, unknown), a port (open, closed, filtered, unknown), a check (a status, or
/// unknown where it is in error or not_reviewed).
enum class Watched : std::uint8_t { target, port, check };
inline constexpr std::array<Watched, 3> all_watched{Watched::target, Watched::port, Watched::check};
[[nodiscard]] std::string_view name_of(Watched kind) noexcept;

struct WatchKey {
  Watched kind = Watched::target;
  std::string target;
  std::string name;  // the endpoint of a port, the rule of a check

  auto operator<=>(const WatchKey&) const = default;
};

inline constexpr std::string_view unknown_state = "unknown";
inline constexpr std::string_view new_state = "new";    // before it was confirmed for the first time
inline constexpr std::string_view gone_state = "gone";  // once confirmed it is forgotten

/// One thing, as one round saw it.
struct WatchSight {
  WatchKey key;
  std::string state;
  std::string message;
  Severity severity = Severity::info;  // of a check
};

/// A state that only so many equal results in a row can flip, whatever they are: unknown too.
class WatchState {
 public:
  explicit WatchState(std::string_view first) : state_(first) {}
  WatchState(std::string state, std::string other, std::uint32_t times)
      : state_(std::move(state)), other_(std::move(other)), times_(times) {}

  /// True where it flips.
  bool see(std::string_view state, std::uint32_t confirm);
  [[nodiscard]] const std::string& state() const noexcept { return state_; }
  /// What the last results in a row were, where that is not the state, and how many.
  [[nodiscard]] const std::string& other() const noexcept { return other_; }
  [[nodiscard]] std::uint32_t times() const noexcept { return times_; }

 private:
  std::string state_;
  std::string other_;
  std::uint32_t times_ = 0;
};

/// A flip; of the first round, whose results are the baseline, `from` is "".
struct WatchChange {
  WallTime time{};
  std::uint64_t round = 0;
  WatchSight sight;  // as it is now
  std::string from;
};

/// Everything that a watch looks at. Holds no more than what the last rounds saw: what is gone is forgotten.
class WatchStates {
 public:
  using Absent = std::function<WatchSight(const WatchKey&)>;
  using Things = std::map<WatchKey, WatchState>;

  explicit WatchStates(std::uint32_t confirm) : confirm_(confirm) {}

  /// Takes a round's sights; `absent` says how things are that it saw nothing of. The first round is the baseline.
  [[nodiscard]] std::vector<WatchChange> see(const std::vector<WatchSight>& sights, const Absent& absent,
                                             std::uint64_t round, WallTime time);
  [[nodiscard]] const Things& things() const noexcept { return things_; }
  [[nodiscard]] const WatchState* find(const WatchKey& key) const;
  /// How many things of a kind are in each state.
  [[nodiscard]] std::map<std::string, std::uint64_t> counts(Watched kind) const;
  /// How many were last seen to be otherwise, not often enough.
  [[nodiscard]] std::uint64_t unconfirmed(Watched kind) const;
  /// Forgets those that are not known of any more.
  void keep(const std::function<bool(const WatchKey&)>& known) {
    std::erase_if(things_, [&](const auto& thing) { return !known(thing.first); });
  }
  /// As another process left them.
  void restore(WatchKey key, WatchState state) {
    things_.emplace(std::move(key), std::move(state));
    begun_ = true;
  }

 private:
  std::uint32_t confirm_;
  bool begun_ = false;
  Things things_;
};

}  // namespace audit::cli

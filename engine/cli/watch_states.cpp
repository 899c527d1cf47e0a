#include "cli/watch_states.hpp"

#include <algorithm>
#include <set>

namespace audit::cli {

std::string_view name_of(Watched kind) noexcept {
  switch (kind) {
    case Watched::target: return "target";
    case Watched::port: return "port";
    case Watched::check: return "check";
  }
  return "";
}

bool WatchState::see(std::string_view state, std::uint32_t confirm) {
  if (state == state_) {
    other_.clear();
    times_ = 0;
    return false;
  }
  times_ = state == other_ ? times_ + 1 : 1;
  other_ = state;
  if (times_ < confirm) return false;
  state_ = std::move(other_);
  other_.clear();
  times_ = 0;
  return true;
}

std::vector<WatchChange> WatchStates::see(const std::vector<WatchSight>& sights, const Absent& absent,
                                          std::uint64_t round, WallTime time) {
  std::vector<WatchChange> changes;
  const auto take = [&](WatchState& known, const WatchSight& sight) {
    std::string from = known.state();
    if (known.see(sight.state, confirm_) && (from != new_state || sight.state != gone_state))
      changes.push_back({time, round, sight, std::move(from)});
  };
  std::set<const WatchState*> seen;
  for (const WatchSight& sight : sights) {
    const auto [thing, added] = things_.try_emplace(sight.key, begun_ ? new_state : std::string_view(sight.state));
    if (!seen.insert(&thing->second).second) continue;
    if (added && !begun_)
      changes.push_back({time, round, sight, ""});
    else
      take(thing->second, sight);
  }
  for (auto& [key, state] : things_)
    if (!seen.contains(&state)) take(state, absent(key));
  std::erase_if(things_, [](const auto& thing) { return thing.second.state() == gone_state; });
  begun_ = true;
  std::stable_sort(changes.begin(), changes.end(),
                   [](const WatchChange& a, const WatchChange& b) { return a.sight.key < b.sight.key; });
  return changes;
}

const WatchState* WatchStates::find(const WatchKey& key) const {
  const auto found = things_.find(key);
  return found == things_.end() ? nullptr : &found->second;
}

std::map<std::string, std::uint64_t> WatchStates::counts(Watched kind) const {
  std::map<std::string, std::uint64_t> counts;
  for (const auto& [key, state] : things_)
    if (key.kind == kind) ++counts[state.state()];
  return counts;
}

std::uint64_t WatchStates::unconfirmed(Watched kind) const {
  return static_cast<std::uint64_t>(std::count_if(things_.begin(), things_.end(), [&](const auto& thing) {
    return thing.first.kind == kind && thing.second.times() > 0;
  }));
}

}  // namespace audit::cli

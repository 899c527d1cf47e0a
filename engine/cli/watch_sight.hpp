#pragma once

#include <map>
#include <string_view>

#include "base/run_record.hpp"
#include "cli/watch_states.hpp"

namespace audit::cli {

/// What one round, a complete run, saw of everything that is watched. What it could not see is unknown, never up, open
/// or a pass (law 1). The record must outlive it.
class RoundSight {
 public:
  explicit RoundSight(const RunRecord& record);

  [[nodiscard]] std::vector<WatchSight> all() const;
  /// Of a thing that an earlier round saw and this one has no record of.
  [[nodiscard]] WatchSight absent(const WatchKey& key) const;

  /// Does the round know of this thing: was it there to be looked at? Of what the inventory has no more it does not.
  [[nodiscard]] bool knows(const WatchKey& key) const;

 private:
  [[nodiscard]] WatchSight absent_port(const WatchKey& key) const;
  [[nodiscard]] bool dark(std::string_view target) const;

  const RunRecord& record_;
  std::map<std::string_view, const TargetRecord*> targets_;
};

}  // namespace audit::cli

#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/observed.hpp"
#include "base/run_diff.hpp"

namespace audit {

/// What became of one thing. It is new or gone only where the other run looked, and saw that it was not there.
enum class ObservedChange : std::uint8_t {
  appeared,
  gone,
  changed,
  unknown_now,     // there before; the later run did not look, or could not see
  unknown_before,  // there now; the earlier run did not look, or could not see
};
inline constexpr std::array all_observed_changes{ObservedChange::appeared, ObservedChange::gone,
                                                 ObservedChange::changed, ObservedChange::unknown_now,
                                                 ObservedChange::unknown_before};
[[nodiscard]] std::string_view name_of(ObservedChange change) noexcept;

struct ObservedDifference {
  ObservedChange change = ObservedChange::changed;
  std::string target;
  ObservedKey key;
  std::vector<ObservedValue> was;  // empty where nothing is known, or was there
  std::vector<ObservedValue> now;
  std::string why;  // the run that has it not: how it knows, or why it does not
};

/// What two runs saw differently.
struct ObservationDiff {
  DiffSide before;
  DiffSide after;
  std::vector<ObservedDifference> differences;  // by kind of change, then by kind, target and endpoint
  std::uint64_t same = 0;                       // seen in both, alike

  [[nodiscard]] std::uint64_t count(ObservedChange change) const;
  /// 0 the same, 1 something is otherwise or was not known before, 2 something is unknown now, 3 both.
  [[nodiscard]] int exit_code() const;
};

/// Compares what two runs saw in one pass over each: first every target of the earlier one, then every one of the later.
/// Keeps what the earlier run saw.
class ObservationDiffer {
 public:
  void before(TargetSight sight);
  void after(const TargetSight& sight);
  [[nodiscard]] ObservationDiff finish(DiffSide before, DiffSide after);

 private:
  void compare(const std::string& target, const ObservedKey& key, const Sight& was, const Sight& now);

  std::unordered_map<std::string, TargetSight> targets_;          // of the earlier run, not met again yet
  std::map<std::string, std::shared_ptr<const ShutPorts>> shut_;  // what many hosts have in common, kept once
  ObservationDiff diff_;
};

}  // namespace audit

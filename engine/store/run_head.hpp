#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/run_record.hpp"

namespace audit::store {

/// What a run is begun with, and what has to be the same for it to be resumed.
struct RunStart {
  std::string id;
  std::string inventory;  // the file's canonical path, or the targets that were typed
  std::string scope;      // a digest of what it was asked to ask: the same for runs that can be compared
  WallTime started{};     // from which every date in it is judged
  std::uint64_t seed = 0;
  std::vector<std::string> rules;              // ids of the plan, by ordinal
  std::map<std::string, std::string> made_of;  // "campus.toml", "rule ssh.version", "--select", …: its digest or value
  std::string earlier_run;                     // whose targets stay targets though they are silent; "" for none
  std::string earlier_targets;                 // which candidates those are, as the plan reads it
  std::vector<ExpandedSource> sources;         // those that are commands, in the order of the inventory
};

[[nodiscard]] std::string write_start(const RunStart& start);
[[nodiscard]] std::optional<RunStart> read_start(std::string_view bytes);

/// What changed since: "rule ssh.version was changed", one each; none where the run can be resumed.
[[nodiscard]] std::vector<std::string> changes_between(const RunStart& then, const RunStart& now);

/// A run's record but for its targets, checks and assessments of controls.
[[nodiscard]] std::string write_head(const RunRecord& record);
[[nodiscard]] std::optional<RunRecord> read_head(std::string_view bytes);

}  // namespace audit::store

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/run_record.hpp"
#include "store/entry.hpp"
#include "store/run_head.hpp"

namespace audit::store {

/// A folder of the test's own, gone with it.
class StateFolder {
 public:
  StateFolder();
  ~StateFolder();
  StateFolder(const StateFolder&) = delete;
  StateFolder& operator=(const StateFolder&) = delete;
  [[nodiscard]] std::string path() const { return (root_ / "state").string(); }
  [[nodiscard]] std::string file() const { return path() + "/audit.db"; }

 private:
  std::filesystem::path root_;
};

/// The start of a run whose plan has the rules of the record.
[[nodiscard]] RunStart start_of(const RunRecord& record, const std::string& id, WallTime started);
/// The entries that such a record's run would have kept, one a target, and one for the whole run where it has such checks.
[[nodiscard]] std::vector<Entry> entries_of(const RunRecord& record);
/// All that a report has of it, as bytes: equal for equal records.
[[nodiscard]] std::string bytes_of(const RunRecord& record);
/// Runs of the same shape that a journal can hold: ordinals of rules and targets as a plan gives them.
[[nodiscard]] RunRecord storable(std::uint32_t seed);

}  // namespace audit::store

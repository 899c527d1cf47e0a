#pragma once

#include <memory>
#include <string>

#include "audit/worker.hpp"
#include "base/scrubber.hpp"
#include "cli/collector.hpp"
#include "cli/setup.hpp"
#include "store/history.hpp"
#include "store/journal.hpp"

namespace audit::cli {

/// What a run's inventory is known by from run to run: the canonical path of its file, or what was typed.
[[nodiscard]] std::string inventory_key(const Sources& sources);
/// What a run is begun with, but for its id and its time.
[[nodiscard]] store::RunStart start_of(const core::Plan& plan, const Sources& sources);
/// The newest run of the inventory that has not come to its end. Error: there is none, or no history.
[[nodiscard]] Result<store::RunStart> unfinished_run(const std::string& directory, const std::string& inventory);
/// Keeps what a run comes to in the history, and brings back what an earlier process of the same run had kept.
class Journaling final : public Keeper {
 public:
  /// A new run, or one that is resumed. Error local_fault.
  [[nodiscard]] static Result<std::unique_ptr<Journaling>> open(const std::string& directory, store::RunStart start,
                                                                bool resumed);

  /// Hands on what was kept already, before the run begins; nothing of it is kept twice. How many members that were.
  [[nodiscard]] Result<std::uint64_t> restore(core::RunShared& shared);
  /// From now on everything that is delivered is kept. `broken` is called, from another thread, where that is no longer
  /// possible; until `end`.
  void begin(Collector& collector, const Scrubber& scrubber, store::Journal::Broken broken);
  void end(Collector& collector);
  [[nodiscard]] Result<void> finish(const RunRecord& record) { return journal_->finish(record); }

  /// Since when the failures and errors of the finished run have been seen: RunRecord::first_seen.
  [[nodiscard]] Result<std::map<std::string, WallTime>> first_seen() const;

  [[nodiscard]] store::Journal& journal() noexcept { return *journal_; }

  void keep(core::TargetMessage& message) override;
  void keep(core::RunMessage& message) override;
  void keep(const core::PartMessage& part) override;

  [[nodiscard]] const store::RunStart& start() const noexcept { return start_; }

 private:
  Journaling(std::string directory, store::RunStart start, bool resumed)
      : directory_(std::move(directory)), start_(std::move(start)), resumed_(resumed) {}
  void add(const store::Entry& entry);
  void scrub(store::CollectedEntry& collected) const;
  void scrub(store::Part& part) const;
  [[nodiscard]] Result<void> restore_parts(core::RunShared& shared, const store::History& history,
                                           const store::RunRow& run) const;

  std::string directory_;
  store::RunStart start_;
  bool resumed_;
  std::unique_ptr<store::Journal> journal_;
  const Scrubber* scrubber_ = nullptr;
};

}  // namespace audit::cli

#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

#include "base/result.hpp"
#include "store/entry.hpp"
#include "store/part.hpp"
#include "store/run_head.hpp"

namespace SQLite {
class Database;
}

namespace audit::store {

/// Writes a run into the history while it goes on (law 5): entries come by message from any thread, and one thread of the
/// journal commits them at most half a second later. Where the database cannot take them the journal is broken: `broken`
/// is called once, what was committed stays, and nothing more is written.
class Journal {
 public:
  using Broken = std::function<void(const Error&)>;

  /// Begins a run in the history of `directory`, which is made where it is missing. Error local_fault: why there is none.
  [[nodiscard]] static Result<std::unique_ptr<Journal>> begin(const std::string& directory, const RunStart& start);
  /// Goes on with a run that has not come to its end: what was only provisional of it is dropped.
  [[nodiscard]] static Result<std::unique_ptr<Journal>> resume(const std::string& directory, const std::string& id);
  /// Commits what is there; the run stays unfinished unless `finish` was called.
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  /// Called from the journal's thread, at once where it is broken already.
  void on_broken(Broken broken);
  /// An entry that is the member's end. Blocks only where the disk is far behind.
  void add(const Entry& entry);
  /// One that is not: of a run that was stopped. Reports have it, a resumed run asks again.
  void add_provisional(const Entry& entry);
  /// What has ended of a member that stays open, until its own entry takes the place of all its parts.
  void add_part(const Part& part);
  /// What was sent on the way to what is added next: committed with it.
  void count(const ProbeCounters& counted);
  /// By the processes that had the run before this one, as far as they could commit it.
  [[nodiscard]] const ProbeCounters& counted_before() const noexcept { return counted_before_; }
  /// The end of the run, or of this part of it where the record is not complete: commits all. Error local_fault: why the
  /// history does not have it.
  [[nodiscard]] Result<void> finish(const RunRecord& record);
  [[nodiscard]] const std::string& id() const noexcept { return id_; }

  static constexpr auto longest_wait = std::chrono::milliseconds(400);  // between two commits, where there is something
  static constexpr auto parts_wait = std::chrono::milliseconds(50);     // for each other; they have waited before
  static constexpr std::size_t most_waiting = 64U << 20U;               // bytes, before who adds has to wait

 private:
  struct Row;
  struct Batch;
  Journal(std::unique_ptr<SQLite::Database> database, std::string directory, std::int64_t run, std::string id,
          WallTime started);
  void add(const Entry& entry, bool provisional);
  void write_all();
  void commit(Batch& batch);
  void commit_segments(Batch& batch);
  void commit_parts(const Batch& batch);
  void commit_rows(const Batch& batch);
  void commit_counts(const Batch& batch);
  [[nodiscard]] static std::unique_ptr<Journal> start(std::unique_ptr<Journal> journal);
  void break_off(Error why);
  void end_thread();

  std::unique_ptr<SQLite::Database> database_;
  std::string directory_;
  std::int64_t run_;
  std::string id_;
  WallTime started_;
  ProbeCounters counted_before_;
  std::int64_t next_segment_ = 0;
  std::int64_t next_part_ = 0;
  std::unordered_set<std::uint64_t> in_parts_;  // members of which there are parts
  std::mutex mutex_;
  std::condition_variable changed_;
  std::unique_ptr<Batch> waiting_;
  bool ended_ = false;
  std::optional<Error> failure_;
  Broken broken_;
  std::thread thread_;
};

}  // namespace audit::store

#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "store/database.hpp"
#include "store/entry.hpp"
#include "store/notification.hpp"
#include "store/part.hpp"
#include "store/run_head.hpp"

namespace audit::store {

/// What a list of runs says of one.
struct RunRow {
  std::int64_t number = 0;
  std::string id;
  std::string inventory;
  std::string scope;
  WallTime started{};
  std::optional<WallTime> finished;
  std::string state;  // "complete"; "stopped", its reports written; "unfinished": it goes on, or it was killed
  std::string stopped_by;
  bool pinned = false;
  std::uint64_t planned = 0;
  std::string counts;  // "pass=10 fail=1 …"
  /// The checks of that status, as `counts` says.
  [[nodiscard]] std::uint64_t of(Status status) const;
  std::uint64_t bytes = 0;  // of its segments
};

/// What is kept of past runs, each bound by itself; whatever is beyond one of them goes. Pinned runs stay, and of each
/// scope the last complete one, which the next run is compared with.
struct Retention {
  std::optional<std::uint64_t> runs;   // so many of each inventory
  std::optional<Duration> age;         // since their start
  std::optional<std::uint64_t> bytes;  // of all runs together
};

/// Reads and tidies the history of a state directory. One thread; other processes may write at the same time. Errors are
/// local_fault, with the path and what to do.
class History {
 public:
  [[nodiscard]] static Result<History> open(const std::string& directory, Access access = Access::read);
  History(History&&) noexcept;
  ~History();

  /// The newest first.
  [[nodiscard]] Result<std::vector<RunRow>> runs() const;
  /// By id or a beginning of it that only one has; "last" is the newest that is complete, "last~2" the second before it.
  /// `before`: only a run that began before then is counted as last.
  [[nodiscard]] Result<RunRow> find(const std::string& word, std::optional<WallTime> before = {}) const;
  /// The newest run of an inventory that has not come to its end.
  [[nodiscard]] Result<std::optional<RunRow>> unfinished(const std::string& inventory) const;
  /// The newest complete run of this scope before `before`, or of all times.
  [[nodiscard]] Result<std::optional<RunRow>> last_complete(const std::string& scope,
                                                            std::optional<WallTime> before = {}) const;

  [[nodiscard]] Result<RunStart> start_of(const RunRow& run) const;
  /// Every entry, as it was committed; of one that was committed twice the first. `provisional`: of a stopped run, what a
  /// resumed one will ask again. How many were committed twice, and differ, is the result.
  [[nodiscard]] Result<std::uint64_t> read(const RunRow& run,
                                           const std::function<void(Entry&&, bool provisional)>& each) const;
  /// What a run that has not come to its end has of members that were still open, each member's in their order.
  [[nodiscard]] Result<void> read_parts(const RunRow& run, const std::function<void(Part&&)>& each) const;
  /// The targets of a run, without what their checks came to; one that was committed twice comes twice.
  [[nodiscard]] Result<void> targets(const RunRow& run, const std::function<void(const TargetRecord&)>& each) const;
  /// The record of an ended run, as reports are written from it.
  [[nodiscard]] Result<RunRecord> load(const RunRow& run) const;
  /// Without targets, checks, assessments and what is known of earlier runs.
  [[nodiscard]] Result<RunRecord> head_of(const RunRow& run) const;
  /// Who was told of a run, in the order in which they were.
  [[nodiscard]] Result<std::vector<Notification>> notifications(const RunRow& run) const;
  /// When a failure or an error was seen for the first time, and in which run; by `seen_key`.
  struct Seen {
    std::string first_run;
    WallTime first{};
    std::string last_run;
    WallTime last{};
  };
  [[nodiscard]] Result<std::optional<Seen>> seen(const std::string& key) const;
  /// Since when the failures and errors of a run have been seen, by `seen_key`. It is the same whenever it is asked: a
  /// later run adds nothing to it, and to remove earlier ones takes nothing away.
  [[nodiscard]] Result<std::map<std::string, WallTime>> first_seen(const RunRow& run) const;

  /// That somebody was told of the run.
  [[nodiscard]] Result<void> note(const RunRow& run, const Notification& notification);
  [[nodiscard]] Result<void> pin(const RunRow& run, bool pinned);
  [[nodiscard]] Result<void> remove(const RunRow& run);
  /// Removes what the retention does not cover, and gives the room back; which runs these were.
  [[nodiscard]] Result<std::vector<RunRow>> prune(const Retention& retention, WallTime now, bool pretend);
  /// What is wrong with the database and with each record in it; empty where all can be read.
  [[nodiscard]] Result<std::vector<std::string>> check() const;

 private:
  History(std::unique_ptr<SQLite::Database> database, std::string directory);
  [[nodiscard]] Result<std::optional<RunRow>> first(const std::string& condition,
                                                    const std::vector<std::string>& values) const;

  std::unique_ptr<SQLite::Database> database_;
  std::string directory_;
};

}  // namespace audit::store

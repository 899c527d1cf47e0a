#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/ordinal_set.hpp"
#include "base/run_record.hpp"
#include "cli/report_files.hpp"

namespace audit::cli {

/// A JSONL report on standard output, a pipe or a device, written while the run goes on. Lines may be added from any
/// thread, one at a time; a thread of its own writes them, so that who reads slowly keeps no probe waiting: what is not
/// read yet is held up to a cap, and what does not fit is told from the record at the end.
class LiveLines {
 public:
  static constexpr std::size_t most_held = std::size_t{16} << 20U;  // bytes that nobody has read

  /// Is this a report that is written so? One in a file appears whole at the end, as all of them do.
  [[nodiscard]] static bool takes(const ReportWish& wish);

  /// `again`: an earlier process of the same run had begun, and may have left half a line.
  LiveLines(ReportWish wish, bool again, std::size_t most = most_held);
  ~LiveLines();
  LiveLines(const LiveLines&) = delete;
  LiveLines& operator=(const LiveLines&) = delete;

  /// Of `run` is needed what is known before anything is asked; here and below.
  void begin(const RunRecord& run);
  /// A target with all its checks, or without one checks of the whole run.
  void add(const TargetRecord* target, const std::vector<Check>& checks, const RunRecord& run);
  /// What was not told yet, and the summary; blocks until all is written. Error says why it could not be.
  [[nodiscard]] Result<void> end(const RunRecord& record);

 private:
  /// False where there is no room for them.
  [[nodiscard]] bool put(const std::string& lines);
  /// Waits for room; false where nobody reads any more.
  [[nodiscard]] bool put_in_turn(const std::string& lines);
  void tell_the_rest(const RunRecord& record);
  [[nodiscard]] bool was_told(const Check& check) const;
  [[nodiscard]] bool has_room(std::size_t size) const;
  void hold(const std::string& lines);
  void write_all();
  void close();

  ReportWish wish_;
  std::size_t most_;           // bytes held
  OrdinalSet targets_told_;    // with all their checks
  OrdinalSet run_rules_told_;  // of the checks of the whole run
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string waiting_;
  std::size_t being_written_ = 0;  // bytes, of what was waiting
  bool ended_ = false;
  std::optional<Error> failure_;
  std::thread thread_;
};

}  // namespace audit::cli

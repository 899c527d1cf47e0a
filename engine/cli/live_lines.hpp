#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/run_record.hpp"
#include "cli/report_files.hpp"

namespace audit::cli {

/// A JSONL report on standard output, a pipe or a device, written while the run goes on. Lines may be added from any
/// thread, one at a time; a thread of its own writes them, so that who reads slowly keeps no probe waiting: what is not
/// read yet is held.
class LiveLines {
 public:
  /// Is this a report that is written so? One in a file appears whole at the end, as all of them do.
  [[nodiscard]] static bool takes(const ReportWish& wish);

  /// `again`: an earlier process of the same run had begun, and may have left half a line.
  LiveLines(ReportWish wish, bool again);
  ~LiveLines();
  LiveLines(const LiveLines&) = delete;
  LiveLines& operator=(const LiveLines&) = delete;

  /// Of `run` is needed what is known before anything is asked; here and below.
  void begin(const RunRecord& run);
  void add(const TargetRecord* target, const std::vector<Check>& checks, const RunRecord& run);
  /// The summary; blocks until all is written. Error says why it could not be.
  [[nodiscard]] Result<void> end(const RunRecord& record);

 private:
  void put(std::string lines);
  void write_all();
  void close();

  ReportWish wish_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string waiting_;
  bool ended_ = false;
  std::optional<Error> failure_;
  std::thread thread_;
};

}  // namespace audit::cli

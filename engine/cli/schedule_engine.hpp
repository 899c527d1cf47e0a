#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/schedule_job.hpp"

namespace audit::cli {

/// Where a schedule lives.
struct SchedulePlace {
  bool user = false;  // the user's own, not the system's
  std::string root;   // of another system's tree, "" for this one: nothing of it is running
};

/// A schedule that is there.
struct InstalledJob {
  std::string name;
  JobHead head;
  std::string engine;              // "systemd", "systemd --user", "cron", "crontab"
  std::vector<std::string> files;  // none for a crontab
  std::string next;                // "Mon 2026-11-23 02:30:00 UTC"; "" where nobody knows
};

/// A file or a part of one, as an engine would write it.
struct ScheduleText {
  std::string place;  // a path, or "the crontab of …"
  std::string text;
};

/// One of the system's own engines, that starts programs at their times.
class ScheduleEngine {
 public:
  ScheduleEngine() = default;
  virtual ~ScheduleEngine() = default;
  ScheduleEngine(const ScheduleEngine&) = delete;
  ScheduleEngine& operator=(const ScheduleEngine&) = delete;

  /// What `install` would write; does nothing.
  [[nodiscard]] virtual Result<std::vector<ScheduleText>> write(const ScheduledJob& job) const = 0;
  /// What was done, a line each.
  [[nodiscard]] virtual Result<std::vector<std::string>> install(const ScheduledJob& job) = 0;
  [[nodiscard]] virtual Result<std::vector<InstalledJob>> list() = 0;
  /// What was done; nothing where there is no such job. What runs already goes on to its end.
  [[nodiscard]] virtual Result<std::vector<std::string>> remove(const std::string& name) = 0;
};

[[nodiscard]] std::unique_ptr<ScheduleEngine> systemd_engine(const SchedulePlace& place);
/// Files in /etc/cron.d.
[[nodiscard]] std::unique_ptr<ScheduleEngine> cron_folder_engine(const SchedulePlace& place);
/// The crontab of who calls.
[[nodiscard]] std::unique_ptr<ScheduleEngine> crontab_engine();

/// Is systemd what runs there?
[[nodiscard]] bool has_systemd(const std::string& root);
/// Does `systemd-analyze calendar` know it? Error says what it says; nothing is said where the program is not there.
[[nodiscard]] Result<void> check_on_calendar(const std::string& expression);

/// What a program of the system said; Error where it could not be run or did not end with 0.
[[nodiscard]] Result<std::string> ask_system(const std::vector<std::string>& command);

}  // namespace audit::cli

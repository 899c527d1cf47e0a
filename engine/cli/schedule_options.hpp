#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/schedule_job.hpp"

namespace audit::cli {

/// What `audit schedule install` is told.
struct ScheduleOptions {
  std::string inventory;
  bool hourly = false;
  std::string daily;
  std::vector<std::string> weekly;  // a day and a time
  std::string on_calendar;
  std::string jitter;
  std::vector<std::string> reports;
  std::string state;
  std::vector<std::string> more;  // options of the run
  std::string engine = "auto";    // systemd, cron
  std::string root;
  bool user = false;
  bool print = false;
};

/// Makes everything absolute, and looks whether the run could be run: inventory, rules, options, folders. Prints every
/// mistake that it finds and sets `code` where it returns nothing.
[[nodiscard]] std::optional<ScheduledJob> make_job(const ScheduleOptions& options, int& code);

}  // namespace audit::cli

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/schedule_calendar.hpp"

namespace audit::cli {

/// What is to be run, when, and what it needs of the machine. Every path in it is absolute.
struct ScheduledJob {
  std::string name;       // "audit-campus-1a2b3c": of the units, or the lines of cron
  std::string inventory;  // its canonical path
  Calendar calendar;
  Duration jitter{};
  bool user = false;                 // for the user's own engine, not the system's
  std::string state;                 // the folder of lock and history
  std::vector<std::string> command;  // program and arguments
  std::vector<std::string> reports;  // the folders that it writes reports to
  std::vector<std::string> paths;    // all that it reads or writes, as far as that is known
  bool runs_commands = false;        // of the inventory, which may do anything
};

/// The same for each way to write an inventory's path.
[[nodiscard]] std::string job_name(const std::string& inventory);
/// A path as it is from anywhere, through its links; also of what is not there.
[[nodiscard]] std::string whole_path(const std::string& path);
/// Is a whole path this folder, or below it?
[[nodiscard]] bool is_below(const std::string& path, const std::string& folder);

// The first lines of all that is written: by them `show` and `remove` know their own, and touch nothing else.

/// Comment lines: whose this is, the inventory, when it is run.
[[nodiscard]] std::string head_of(const ScheduledJob& job);

struct JobHead {
  std::string inventory;
  std::string when;
};
/// Of a text that begins with what `head_of` writes.
[[nodiscard]] std::optional<JobHead> parse_head(const std::string& text);

}  // namespace audit::cli

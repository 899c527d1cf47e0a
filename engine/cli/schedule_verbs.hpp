#pragma once

#include <string>

#include "cli/schedule_options.hpp"

namespace audit::cli {

// What `audit schedule` does, each with its exit code. `root` is another system's tree, as a whole path, or "".

[[nodiscard]] int install_schedule(ScheduleOptions options);
/// All that there are, or that of an inventory: a path, or the name that is shown.
[[nodiscard]] int show_schedules(const std::string& wanted, const std::string& root, bool json);
/// The system's, or with `user` one's own.
[[nodiscard]] int remove_schedule(const std::string& wanted, const std::string& root, bool user);

}  // namespace audit::cli

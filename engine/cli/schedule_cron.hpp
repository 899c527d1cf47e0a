#pragma once

#include <string>

#include "cli/schedule_job.hpp"

namespace audit::cli {

/// The command as a line of cron carries it to /bin/sh (crontab(5)). Error for what it cannot carry: a line end, a
/// backslash (each cron reads those otherwise), more than a line has room for.
[[nodiscard]] Result<std::string> cron_command(const ScheduledJob& job);

/// A file for /etc/cron.d: its lines name the user. `delay` is in place of a random one.
[[nodiscard]] Result<std::string> cron_file(const ScheduledJob& job, std::chrono::minutes delay);

// The lines of a job in somebody's own crontab, which may hold any others.

/// With a first and a last line to know them by.
[[nodiscard]] Result<std::string> cron_block(const ScheduledJob& job, std::chrono::minutes delay);
/// The names of all jobs in a crontab.
[[nodiscard]] std::vector<std::string> blocks_in(const std::string& crontab);
/// The lines between the first and the last of a job's; "" where there is none.
[[nodiscard]] std::string block_of(const std::string& crontab, const std::string& name);
/// The crontab with this block in place of the job's, or at its end; without the job where `block` is "". Every other byte
/// stays. Error where the job's lines are not as they were written.
[[nodiscard]] Result<std::string> with_block(const std::string& crontab, const std::string& name,
                                             const std::string& block);

/// When the line of a job's text is due; nothing where it has none.
[[nodiscard]] std::optional<CronTime> time_of(const std::string& text);

}  // namespace audit::cli

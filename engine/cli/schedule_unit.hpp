#pragma once

#include <string>

#include "cli/schedule_job.hpp"

namespace audit::cli {

/// A word of a unit's value, in quotes and without specifiers (systemd.syntax(7)). Error for what no unit can carry: a
/// control character, or what is not UTF-8.
[[nodiscard]] Result<std::string> unit_word(const std::string& word);

/// NAME.service: runs the job once, with as few rights as it can have (systemd.exec(5)).
[[nodiscard]] Result<std::string> service_unit(const ScheduledJob& job);
/// NAME.timer: when, also what was missed while the machine was off (systemd.timer(5)).
[[nodiscard]] std::string timer_unit(const ScheduledJob& job);

}  // namespace audit::cli

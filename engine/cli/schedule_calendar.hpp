#pragma once

#include <chrono>
#include <ctime>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "base/time.hpp"

namespace audit::cli {

/// When a run is due, in local time: in words that systemd and cron both have, or in systemd's own.
struct Calendar {
  enum class Every { hour, day, week, expression };
  Every every = Every::day;
  int weekday = 0;  // 0 is Sunday, as in crontab(5)
  int hour = 0;
  int minute = 0;
  std::string expression;  // systemd.time(7)
};

/// "02:30", the time of a day.
[[nodiscard]] Result<Calendar> parse_daily(const std::string& time);
/// "Mon" or "monday", and a time.
[[nodiscard]] Result<Calendar> parse_weekly(const std::string& day, const std::string& time);

/// "daily at 02:30".
[[nodiscard]] std::string describe(const Calendar& calendar);
/// For OnCalendar=, systemd.time(7).
[[nodiscard]] std::string on_calendar(const Calendar& calendar);
/// The time between two runs; none where only systemd knows.
[[nodiscard]] std::optional<std::chrono::minutes> period(const Calendar& calendar);

/// The first three fields that cron is asked for, and the last: without an hour each, without a weekday each.
struct CronTime {
  int minute = 0;
  std::optional<int> hour;
  std::optional<int> weekday;
};

/// The calendar's time, so much later. Not for an expression of systemd's.
[[nodiscard]] CronTime cron_time(const Calendar& calendar, std::chrono::minutes shift);
/// "30 2 * * 1", crontab(5).
[[nodiscard]] std::string format_cron(const CronTime& time);
/// What `format_cron` wrote, at the start of a line; nothing of any other.
[[nodiscard]] std::optional<CronTime> parse_cron(const std::string& line);
/// The first such time after `now`, as systemd shows one: "Mon 2026-11-23 02:30:00 UTC".
[[nodiscard]] std::string next_time(const CronTime& time, std::time_t now);

/// Where cron has no random delay: one that is always the same here for this inventory, below `jitter`.
[[nodiscard]] std::chrono::minutes fixed_delay(Duration jitter, const std::string& host, const std::string& inventory);

}  // namespace audit::cli

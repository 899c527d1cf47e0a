#include "cli/schedule_calendar.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "base/digest.hpp"
#include "base/text.hpp"

namespace audit::cli {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr int week_days = 7;
constexpr std::array<std::string_view, week_days> days{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                       "Thursday", "Friday", "Saturday"};
constexpr std::size_t short_day = 3;
constexpr int day_hours = 24;
constexpr int hour_minutes = 60;

Error mistake(std::string text) { return {Reason::local_fault, std::move(text)}; }

std::string lower(std::string_view text) {
  std::string small(text);
  for (char& c : small) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return small;
}

/// A number of two digits below `most` at a place; -1 where there is none.
int two_digits(const std::string& text, std::size_t at, int most) {
  const auto digit = [&](std::size_t i) { return std::isdigit(static_cast<unsigned char>(text[i])) != 0; };
  if (!digit(at) || !digit(at + 1)) return -1;
  const int number = (text[at] - '0') * 10 + (text[at + 1] - '0');
  return number < most ? number : -1;
}

/// "*" or a number below `most`; false for anything else.
bool read_field(const std::string& word, int most, std::optional<int>& value) {
  value.reset();
  if (word == "*") return true;
  if (word.empty() || word.size() > 2) return false;
  int number = 0;
  for (const char c : word) {
    if (c < '0' || c > '9') return false;
    number = number * 10 + (c - '0');
  }
  value = number;
  return number < most;
}

}  // namespace

Result<Calendar> parse_daily(const std::string& time) {
  Calendar calendar;
  if (time.size() == 5 && time[2] == ':') {
    calendar.hour = two_digits(time, 0, day_hours);
    calendar.minute = two_digits(time, 3, hour_minutes);
    if (calendar.hour >= 0 && calendar.minute >= 0) return calendar;
  }
  return mistake(fmt::format("a time of day is HH:MM, from 00:00 to 23:59, not `{}`", visible(time)));
}

Result<Calendar> parse_weekly(const std::string& day, const std::string& time) {
  if (day.find(' ') != std::string::npos)
    return mistake(
        fmt::format("a day and a time are two words: `--weekly {}`, without quotes around both", visible(day)));
  Result<Calendar> calendar = parse_daily(time);
  if (!calendar) return calendar;
  calendar->every = Calendar::Every::week;
  const std::string wanted = lower(day);
  for (std::size_t i = 0; i < days.size(); ++i) {
    const std::string name = lower(days[i]);
    if (wanted != name && wanted != name.substr(0, short_day)) continue;
    calendar->weekday = static_cast<int>(i);
    return calendar;
  }
  return mistake(fmt::format("a day is Mon, Tue, Wed, Thu, Fri, Sat or Sun, not `{}`", visible(day)));
}

std::string describe(const Calendar& calendar) {
  switch (calendar.every) {
    case Calendar::Every::hour: return "hourly";
    case Calendar::Every::day: return fmt::format("daily at {:02}:{:02}", calendar.hour, calendar.minute);
    case Calendar::Every::week:
      return fmt::format("weekly on {} at {:02}:{:02}", days[static_cast<std::size_t>(calendar.weekday)], calendar.hour,
                         calendar.minute);
    case Calendar::Every::expression: break;
  }
  return "at " + calendar.expression;
}

std::string on_calendar(const Calendar& calendar) {
  switch (calendar.every) {
    case Calendar::Every::hour: return "*-*-* *:00:00";
    case Calendar::Every::day: return fmt::format("*-*-* {:02}:{:02}:00", calendar.hour, calendar.minute);
    case Calendar::Every::week:
      return fmt::format("{} *-*-* {:02}:{:02}:00",
                         days[static_cast<std::size_t>(calendar.weekday)].substr(0, short_day), calendar.hour,
                         calendar.minute);
    case Calendar::Every::expression: break;
  }
  return calendar.expression;
}

std::optional<minutes> period(const Calendar& calendar) {
  switch (calendar.every) {
    case Calendar::Every::hour: return hours(1);
    case Calendar::Every::day: return hours(day_hours);
    case Calendar::Every::week: return hours(week_days * day_hours);
    case Calendar::Every::expression: break;
  }
  return std::nullopt;
}

CronTime cron_time(const Calendar& calendar, minutes shift) {
  const auto later = minutes(calendar.minute) + hours(calendar.hour) + shift;
  CronTime time;
  time.minute = static_cast<int>(later.count() % hour_minutes);
  if (calendar.every == Calendar::Every::hour) return time;
  time.hour = static_cast<int>(later.count() / hour_minutes % day_hours);
  if (calendar.every == Calendar::Every::week)
    time.weekday = static_cast<int>((calendar.weekday + later.count() / hour_minutes / day_hours) % week_days);
  return time;
}

std::string format_cron(const CronTime& time) {
  const auto field = [](const std::optional<int>& value) { return value ? std::to_string(*value) : std::string("*"); };
  return fmt::format("{} {} * * {}", time.minute, field(time.hour), field(time.weekday));
}

std::optional<CronTime> parse_cron(const std::string& line) {
  std::array<std::string, 5> words;
  std::size_t at = 0;
  for (std::string& word : words) {
    const std::size_t end = line.find(' ', at);
    if (end == std::string::npos) return std::nullopt;
    word = line.substr(at, end - at);
    at = end + 1;
  }
  CronTime time;
  std::optional<int> minute;
  if (!read_field(words[0], hour_minutes, minute) || !minute || !read_field(words[1], day_hours, time.hour) ||
      words[2] != "*" || words[3] != "*" || !read_field(words[4], week_days, time.weekday))
    return std::nullopt;
  time.minute = *minute;
  return time;
}

std::string next_time(const CronTime& time, std::time_t now) {
  std::tm begin{};
  localtime_r(&now, &begin);
  constexpr int most_hours = 9 * day_hours;  // a week, and an hour that a clock skips
  for (int i = 0; i <= most_hours; ++i) {
    std::tm tried = begin;
    tried.tm_hour += i;
    tried.tm_min = time.minute;
    tried.tm_sec = 0;
    tried.tm_isdst = -1;
    const std::time_t when = std::mktime(&tried);  // which also puts its parts right
    if (when <= now || tried.tm_min != time.minute || (time.hour && tried.tm_hour != *time.hour) ||
        (time.weekday && tried.tm_wday != *time.weekday))
      continue;
    std::array<char, 64> text{};
    return {text.data(), std::strftime(text.data(), text.size(), "%a %Y-%m-%d %H:%M:%S %Z", &tried)};
  }
  return {};
}

minutes fixed_delay(Duration jitter, const std::string& host, const std::string& inventory) {
  const auto most = std::chrono::duration_cast<minutes>(jitter).count();
  if (most <= 0) return minutes(0);
  constexpr std::size_t digits = 12;
  const std::string hash = sha256_hex(host + '\n' + inventory).substr(0, digits);
  return minutes(std::stoll(hash, nullptr, 16) % (most + 1));
}

}  // namespace audit::cli

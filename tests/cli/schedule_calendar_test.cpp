#include "cli/schedule_calendar.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>

namespace audit::cli {
namespace {

using Catch::StartsWith;
using std::chrono::minutes;

CronTime daily(const std::string& time, int shift = 0) { return cron_time(*parse_daily(time), minutes(shift)); }

TEST_CASE("a time of day is two digits, a colon and two digits") {
  CHECK(on_calendar(*parse_daily("02:30")) == "*-*-* 02:30:00");
  CHECK(on_calendar(*parse_daily("23:59")) == "*-*-* 23:59:00");
  CHECK(describe(*parse_daily("00:00")) == "daily at 00:00");
  for (const char* wrong :
       {"", "2:30", "24:00", "12:60", "0230", "02:3", "02:30:00", "ab:cd", "-1:30", "02-30", " 2:30"})
    CHECK_THAT(parse_daily(wrong).error().message, StartsWith("a time of day is HH:MM"));
}

TEST_CASE("a day of the week is its name or the first three letters") {
  for (const char* day : {"Mon", "mon", "MONDAY", "Monday"})
    CHECK(on_calendar(*parse_weekly(day, "02:30")) == "Mon *-*-* 02:30:00");
  CHECK(describe(*parse_weekly("sun", "23:05")) == "weekly on Sunday at 23:05");
  CHECK(format_cron(cron_time(*parse_weekly("sun", "23:05"), minutes(0))) == "5 23 * * 0");
  for (const char* wrong : {"", "Mo", "Mond", "1", "*"})
    CHECK_THAT(parse_weekly(wrong, "02:30").error().message, StartsWith("a day is Mon, Tue"));
  CHECK_THAT(parse_weekly("Sun 02:30", "--print").error().message,
             StartsWith("a day and a time are two words: `--weekly Sun 02:30`"));
  CHECK_THAT(parse_weekly("Mon", "2").error().message, StartsWith("a time of day"));
}

TEST_CASE("cron's fields are the calendar's time, and a delay may lead into the next hour, day or week") {
  CHECK(format_cron(daily("02:30")) == "30 2 * * *");
  CHECK(format_cron(daily("02:30", 30)) == "0 3 * * *");
  CHECK(format_cron(daily("23:50", 20)) == "10 0 * * *");
  CHECK(format_cron(cron_time(*parse_weekly("Sat", "23:50"), minutes(20))) == "10 0 * * 0");
  Calendar hourly;
  hourly.every = Calendar::Every::hour;
  CHECK(format_cron(cron_time(hourly, minutes(17))) == "17 * * * *");
  CHECK(on_calendar(hourly) == "*-*-* *:00:00");
}

TEST_CASE("what was written for cron is read back, and nothing else is") {
  for (const auto& time : {daily("02:30"), cron_time(*parse_weekly("Fri", "00:00"), minutes(0))})
    CHECK(format_cron(*parse_cron(format_cron(time) + " root audit")) == format_cron(time));
  for (const char* other :
       {"", "30 2 * *", "30 2 * * *", "60 2 * * * x", "* 2 * * * x", "30 24 * * * x", "30 2 1 * * x", "30 2 * 1 * x",
        "30 2 * * 7 x", "*/5 2 * * * x", "PATH=/bin", "@daily x y z a"})
    CHECK_FALSE(parse_cron(other));
}

TEST_CASE("the next time is the first one after now") {
  setenv("TZ", "UTC", 1);
  tzset();
  const std::time_t now = 1'795'314'600;  // Sun 2026-11-22 02:30:00 UTC
  CHECK(next_time(daily("02:30"), now) == "Mon 2026-11-23 02:30:00 UTC");
  CHECK(next_time(daily("02:31"), now) == "Sun 2026-11-22 02:31:00 UTC");
  CHECK(next_time(daily("02:30"), now - 1) == "Sun 2026-11-22 02:30:00 UTC");
  CHECK(next_time(cron_time(*parse_weekly("Sun", "02:30"), minutes(0)), now) == "Sun 2026-11-29 02:30:00 UTC");
  CHECK(next_time(cron_time(*parse_weekly("Sat", "23:00"), minutes(0)), now) == "Sat 2026-11-28 23:00:00 UTC");
  CronTime hourly;
  hourly.minute = 5;
  CHECK(next_time(hourly, now) == "Sun 2026-11-22 03:05:00 UTC");
}

TEST_CASE("a time that a clock skips in spring is that of the day after") {
  setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
  tzset();
  const std::time_t now = 1'806'188'400;  // Sun 2027-03-28 00:00:00 CET; 02:30 is not that night
  CHECK(next_time(daily("02:30"), now) == "Mon 2027-03-29 02:30:00 CEST");
  setenv("TZ", "UTC", 1);
  tzset();
}

TEST_CASE("a fixed delay is within the jitter, the same for an inventory, and another for others") {
  const Duration half = minutes(30);
  CHECK(fixed_delay(Duration::zero(), "host", "/a.toml") == minutes(0));
  CHECK(fixed_delay(half, "host", "/a.toml") == fixed_delay(half, "host", "/a.toml"));
  bool seen_first = false;
  bool seen_last = false;
  for (int i = 0; i < 2'000; ++i) {
    const minutes delay = fixed_delay(half, "host", std::to_string(i));
    REQUIRE((delay >= minutes(0) && delay <= minutes(30)));
    seen_first = seen_first || delay == minutes(0);
    seen_last = seen_last || delay == minutes(30);
  }
  CHECK((seen_first && seen_last));
}

}  // namespace
}  // namespace audit::cli

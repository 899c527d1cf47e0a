#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace audit {

using Duration = std::chrono::nanoseconds;
/// A point of the run's monotonic clock. Only a `World` says what time it is.
using Instant = std::chrono::time_point<std::chrono::steady_clock, Duration>;
/// Civil time, milliseconds since 1970 in UTC.
using WallTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>;

inline constexpr Instant never = Instant::max();

[[nodiscard]] inline double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

/// "250ms", "2s", "1.5s", "5m", "1h", "2d"; a bare "0". Nothing negative, nothing above 400 days.
[[nodiscard]] std::optional<Duration> parse_duration(std::string_view text);
/// The shortest exact form that parse_duration reads back.
[[nodiscard]] std::string format_duration(Duration duration);
/// RFC 3339 in UTC with milliseconds: "2026-11-20T22:04:05.123Z".
[[nodiscard]] std::string format_utc(WallTime time);
/// The same as clocks show it that are so far ahead of UTC, in whole minutes: "2026-11-20T23:04:05.123+01:00".
[[nodiscard]] std::string format_local(WallTime time, std::chrono::minutes ahead);

}  // namespace audit

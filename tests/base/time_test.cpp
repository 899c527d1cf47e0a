#include "base/time.hpp"

#include <catch2/catch.hpp>

using namespace audit;
using namespace std::chrono_literals;

TEST_CASE("durations are read with their unit") {
  CHECK(parse_duration("2s") == Duration(2s));
  CHECK(parse_duration("1.5s") == Duration(1500ms));
  CHECK(parse_duration("250ms") == Duration(250ms));
  CHECK(parse_duration("0") == Duration(0));
  for (const char* bad : {"", "2", "-1s", "s", "2 s", "1e9s", "nan", "inf", "2y", "500d"})
    CHECK_FALSE(parse_duration(bad));
}

TEST_CASE("durations are written as they are read") {
  for (const Duration d : {Duration(2s), Duration(1500ms), Duration(90min), Duration(0), Duration(7)})
    CHECK(parse_duration(format_duration(d)) == d);
  CHECK(format_duration(1500ms) == "1500ms");
}

TEST_CASE("UTC times are RFC 3339 with milliseconds") {
  CHECK(format_utc(WallTime(0ms)) == "1970-01-01T00:00:00.000Z");
  CHECK(format_utc(WallTime(1'763'676'245'123ms)) == "2025-11-20T22:04:05.123Z");
  CHECK(format_local(WallTime(1'763'676'245'123ms), 60min) == "2025-11-20T23:04:05.123+01:00");
  CHECK(format_local(WallTime(1'763'676'245'123ms), -210min) == "2025-11-20T18:34:05.123-03:30");
  CHECK(format_local(WallTime(1'763'676'245'123ms), 765min) == "2025-11-21T10:49:05.123+12:45");
}

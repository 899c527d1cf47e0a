#include "base/day.hpp"

#include <catch2/catch.hpp>

using namespace audit;

TEST_CASE("a day is written as TOML writes a local date") {
  using namespace std::chrono;
  CHECK(format_day(Day(2027y / January / 31)) == "2027-01-31");
  CHECK(format_day(Day(year(999) / 2 / 3)) == "0999-02-03");
  CHECK(format_day(Day(2028y / February / 28) + days(1)) == "2028-02-29");
}

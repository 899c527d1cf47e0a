#include "cli/progress_line.hpp"

#include <catch2/catch.hpp>

using audit::cli::progress_line;
using audit::cli::ProgressSight;

namespace {

ProgressSight half_way() {
  ProgressSight sight;
  sight.members = 4'096;
  sight.done = 1'024;
  sight.checks = 2'048;
  sight.failures = 3;
  sight.unseen = 17;
  sight.seconds = 50;
  return sight;
}

}  // namespace

TEST_CASE("progress tells how far, how fast, what was found and how long it will take") {
  CHECK(progress_line(half_way(), 200) ==
        "1024 of 4096 addresses and names, 20 a second, 2048 checks, 3 failures, 17 not seen, 2 min 30 s left");
}

TEST_CASE("a speed is not judged by its first two seconds, nor by what an earlier process did") {
  ProgressSight sight = half_way();
  sight.seconds = 1;
  CHECK(progress_line(sight, 200) == "1024 of 4096 addresses and names, 2048 checks, 3 failures, 17 not seen");
  sight.seconds = 10;
  sight.done_before = 1'024;
  CHECK(progress_line(sight, 200).find("left") == std::string::npos);
  sight.done_before = 924;
  CHECK(progress_line(sight, 200).find("10 a second") != std::string::npos);
  CHECK(progress_line(sight, 200).find("5 min 7 s left") != std::string::npos);
}

TEST_CASE("a line is never wider than the terminal, and loses the least telling first") {
  const std::string whole = progress_line(half_way(), 200);
  for (std::size_t width = 0; width <= whole.size(); ++width) CHECK(progress_line(half_way(), width).size() <= width);
  CHECK(progress_line(half_way(), whole.size() - 1).find("a second") == std::string::npos);
  CHECK(progress_line(half_way(), 50) == "1024 of 4096 addresses and names, 3 failures");
}

TEST_CASE("what is done leaves nothing to wait for") {
  ProgressSight sight = half_way();
  sight.done = sight.members;
  CHECK(progress_line(sight, 200).find("left") == std::string::npos);
}

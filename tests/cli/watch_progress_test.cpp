#include "cli/watch_progress.hpp"

#include <catch2/catch.hpp>

#include "cli/watch_memory.hpp"

namespace audit::cli {
namespace {

using namespace std::string_literals;
using std::chrono::milliseconds;

WatchSight unseen(const WatchKey& key) { return {key, std::string(unknown_state), ""}; }

WatchProgress some() {
  WatchProgress progress(3);
  progress.start = Instant(milliseconds(123'456));
  progress.number = 9;
  progress.rounds = 7;
  progress.skipped = 2;
  const WatchKey hostile{Watched::port, "3:a\n\0\xff"s, "7:"};
  const WatchKey plain{Watched::target, "10.0.0.1", ""};
  (void)progress.states.see({{hostile, "open", ""}, {plain, "up", ""}}, unseen, 1, {});
  (void)progress.states.see({{hostile, "open", ""}, {plain, "down", ""}}, unseen, 2, {});
  progress.trips["10.0.0.1"].add({3, 2, milliseconds(1), milliseconds(5), milliseconds(6)});
  return progress;
}

TEST_CASE("a process that goes on knows what the one before it knew, half confirmed changes too") {
  const WatchProgress before = some();
  WatchProgress after(3);
  REQUIRE(after.read(before.written()));
  CHECK(after.written() == before.written());
  CHECK(after.states.find({Watched::target, "10.0.0.1", ""})->times() == 1);
  const WatchKey plain{Watched::target, "10.0.0.1", ""};
  CHECK(after.states.see({{plain, "down", ""}}, unseen, 8, {}).empty());
  const auto changes = after.states.see({{plain, "down", ""}}, unseen, 9, {});
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].from == "up");
  CHECK(after.trips.at("10.0.0.1").loss() == Approx(1.0 / 3));
}

TEST_CASE("what was cut off or damaged is refused") {
  const std::string text = some().written();
  for (std::size_t size = 0; size < text.size(); ++size) {
    WatchProgress progress(3);
    CHECK_FALSE(progress.read(std::string_view(text).substr(0, size)));
  }
  for (const std::string& wrong : {text + "1:0", "99999999999999999999:1"s, "-1:"s, "1:x"s}) {
    WatchProgress progress(3);
    CHECK_FALSE(progress.read(wrong));
  }
}

TEST_CASE("the memory gives what was kept last") {
  WatchMemory memory;
  CHECK(memory.kept().empty());
  for (const std::string& text : {"one"s, std::string(100'000, '\0'), "three"s, ""s, "five"s}) {
    REQUIRE(memory.keep(text));
    CHECK(memory.kept() == text);
  }
}

TEST_CASE("round trips are the whole watch's, and the last round's own") {
  RoundTrips trips;
  trips.add({1, 1, milliseconds(4), milliseconds(4), milliseconds(4)});
  trips.add({2, 2, milliseconds(2), milliseconds(8), milliseconds(10)});
  CHECK((trips.least == milliseconds(2) && trips.most == milliseconds(8)));
  CHECK(trips.last == Duration(milliseconds(5)));
  trips.add({1, 0, {}, {}, {}});
  CHECK((trips.sent == 4 && trips.received == 3 && !trips.last && trips.least == milliseconds(2)));
  CHECK(trips.loss() == Approx(0.25));
}

}  // namespace
}  // namespace audit::cli

#include "store/run_head.hpp"

#include <catch2/catch.hpp>

#include "stored.hpp"

namespace audit::store {

TEST_CASE("the head of a run is read back as it was written") {
  for (std::uint32_t seed = 1; seed < 100; ++seed) {
    const std::string bytes = write_head(storable(seed));
    const std::optional<RunRecord> read = read_head(bytes);
    REQUIRE(read);
    CHECK(write_head(*read) == bytes);
    CHECK_FALSE(read_head(std::string_view(bytes).substr(0, bytes.size() / 2)));
  }
}

TEST_CASE("the start of a run is read back as it was written") {
  RunStart start = start_of(storable(3), "r-1", WallTime(std::chrono::milliseconds(1'795'000'000'123)));
  start.sources = {{{"ansible", "", {"ansible-inventory", "--list"}, start.started, "ab12", 3}, "{\"targets\":[]}"}};
  const std::optional<RunStart> read = read_start(write_start(start));
  REQUIRE(read);
  CHECK(write_start(*read) == write_start(start));
  CHECK(read->started == start.started);
  REQUIRE(read->sources.size() == 1);
  CHECK(read->sources[0].record.command == start.sources[0].record.command);
  CHECK(read->sources[0].record.time == start.started);
  CHECK(read->sources[0].targets == start.sources[0].targets);
  CHECK_FALSE(read_start("nonsense"));
}

TEST_CASE("what changed between two starts is named, each thing once") {
  RunStart then;
  then.made_of = {{"a.toml", "1"}, {"rule x.y", "2"}, {"--select", "ssh"}};
  RunStart now = then;
  CHECK(changes_between(then, now).empty());
  now.made_of = {{"a.toml", "9"}, {"--select", "ssh"}, {"rule x.z", "4"}};
  CHECK(changes_between(then, now) ==
        std::vector<std::string>{"a.toml was changed", "rule x.y is gone", "rule x.z is new"});
}

}  // namespace audit::store

#include "recorded_runs.hpp"

#include <catch2/catch.hpp>

namespace audit::test {
namespace {

std::vector<std::string> live(net::SerialWorld& world, const std::vector<Asking>& askings) {
  Diary diary(world);
  for (const Asking& asking : askings)
    asio::co_spawn(world.io(), asking(world, diary), [](const std::exception_ptr& failure) {
      if (failure) std::rethrow_exception(failure);
    });
  world.run();
  return diary.lines;
}

}  // namespace

std::vector<std::string> RecordedRun::record(std::vector<Asking> askings, Duration stop_after) {
  net::RunStart start;
  start.random_seed = "a seed";
  start.port_lanes = 16;
  kept.add(start);
  asio::io_context io(1);
  net::RecordingWorld world(io, std::move(outside), kept, start);
  if (stop_after > Duration::zero())
    askings.push_back([stop_after](net::World& inside, Diary& /*diary*/) -> awaitable<void> {
      net::Sleeper sleeper(inside.deadlines());
      co_await sleeper.sleep(inside.now() + stop_after);
      inside.stop_soon();
    });
  std::vector<std::string> lines = live(world, askings);
  kept.add(net::RunEnd());
  return lines;
}

std::vector<std::string> RecordedRun::replay(std::vector<Asking> askings, const std::vector<std::string>& forms) const {
  net::Recording recording;
  for (const std::string& record : kept.records) REQUIRE(recording.add(record));
  REQUIRE(recording.finish());
  REQUIRE(recording.restore(forms));
  asio::io_context io(1);
  net::ReplayingWorld world(io, recording);
  return live(world, askings);
}

}  // namespace audit::test

#include "audit/shared_ports.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <thread>

#include "net/kernel_world.hpp"
#include "net/scripted_world.hpp"

// Turns at an address, on one thread in scripted time and on several over kernel worlds.

namespace audit::core {
namespace {

using std::chrono::seconds;

const IpAddress first = *parse_address("10.0.0.1");
const IpAddress second = *parse_address("10.0.0.2");

SharedPorts::Key key(const IpAddress& address, std::uint32_t attempts = 3) { return {address, attempts, seconds(2)}; }

probe::HostPorts ports(std::initializer_list<std::pair<std::uint16_t, Reason>> states) {
  probe::HostPorts made;
  for (const auto& [port, state] : states) {
    made.ports.push_back(port);
    made.states.emplace_back();
    made.states.back().state = state;
  }
  return made;
}

std::string told(const SharedPorts::Known& known) {
  std::string text;
  if (known.ports)
    for (std::size_t i = 0; i < known.ports->ports.size(); ++i)
      text += std::to_string(known.ports->ports[i]) + " " + std::string(name_of(known.ports->states[i].state)) + " ";
  return text + known.life;
}

template <class Task>
void start(net::World& world, Task& task) {
  asio::co_spawn(world.io(), task(), [](const std::exception_ptr& failure) {
    if (failure) std::rethrow_exception(failure);
  });
}

awaitable<void> pause(net::World& world, Duration duration) {
  net::Sleeper sleeper(world.deadlines());
  co_await sleeper.sleep(world.now() + duration);
}

struct Scene {
  asio::io_context io{1};
  net::ScriptedWorld world{io};
  SharedPorts shared;
};

}  // namespace

TEST_CASE("one name at a time has the turn at an address, in the order in which they came") {
  Scene scene;
  std::string order;
  int at_once = 0;
  const auto visit = [&](std::string name, Duration stay) -> awaitable<void> {
    const auto turn = co_await scene.shared.take(scene.world, key(first), name);
    REQUIRE(turn);
    CHECK(++at_once == 1);
    order += name;
    co_await pause(scene.world, stay);
    --at_once;
  };
  auto a = [&] { return visit("a", seconds(3)); };
  auto b = [&] { return visit("b", seconds(1)); };
  auto c = [&] { return visit("c", seconds(2)); };
  start(scene.world, a);
  start(scene.world, b);
  start(scene.world, c);
  scene.world.run();
  CHECK(order == "abc");
}

TEST_CASE("addresses, and how patiently they are asked, are told apart") {
  Scene scene;
  int inside = 0;
  int most = 0;
  const auto visit = [&](SharedPorts::Key where) -> awaitable<void> {
    const auto turn = co_await scene.shared.take(scene.world, where, "n");
    CHECK(told(turn->known()).empty());
    most = std::max(most, ++inside);
    co_await pause(scene.world, seconds(1));
    --inside;
    turn->publish(ports({{22, Reason::open}}), "", WallTime{});
  };
  auto a = [&] { return visit(key(first)); };
  auto b = [&] { return visit(key(second)); };
  auto c = [&] { return visit(key(first, 1)); };
  start(scene.world, a);
  start(scene.world, b);
  start(scene.world, c);
  scene.world.run();
  CHECK(most == 3);
}

TEST_CASE(
    "only what an address answered, or did not after every attempt, is handed on: no fault of ours, no other name's "
    "scope") {
  Scene scene;
  std::string known;
  auto all = [&]() -> awaitable<void> {
    {
      const auto turn = co_await scene.shared.take(scene.world, key(first), "a");
      const probe::HostPorts found = ports({{21, Reason::open},
                                            {22, Reason::closed},
                                            {23, Reason::filtered},
                                            {24, Reason::local_fault},
                                            {25, Reason::out_of_scope},
                                            {26, Reason::stopped},
                                            {27, Reason::timeout},
                                            {28, Reason::unreachable},
                                            {29, Reason::not_recorded}});
      turn->publish(found, "answered", WallTime(seconds(100)));
    }
    {
      const auto turn = co_await scene.shared.take(scene.world, key(first), "b");
      CHECK(told(turn->known()) == "21 open 22 closed 23 filtered answered");
      CHECK(turn->known().time == WallTime(seconds(100)));
      // What is known stays; a later look adds to it, and does not make it younger.
      const probe::HostPorts found = ports({{24, Reason::open}});
      turn->publish(found, "otherwise", WallTime(seconds(200)));
    }
    const auto turn = co_await scene.shared.take(scene.world, key(first), "c");
    known = told(turn->known());
    CHECK(turn->known().time == WallTime(seconds(100)));
  };
  start(scene.world, all);
  scene.world.run();
  CHECK(known == "21 open 22 closed 23 filtered 24 open answered");
}

TEST_CASE("who is stopped while it waits has no turn, and the next in line does not wait for it") {
  Scene scene;
  asio::io_context other_io{1};
  net::ScriptedWorld other(other_io);
  bool refused = false;
  bool served = false;
  auto holds = [&]() -> awaitable<void> {
    const auto turn = co_await scene.shared.take(scene.world, key(first), "a");
    co_await pause(scene.world, seconds(9));
  };
  auto waits = [&]() -> awaitable<void> {
    const auto turn = co_await scene.shared.take(other, key(first), "b");
    refused = turn == nullptr;
  };
  auto comes_last = [&]() -> awaitable<void> {
    const auto turn = co_await scene.shared.take(scene.world, key(first), "c");
    served = turn != nullptr;
  };
  start(scene.world, holds);
  scene.io.poll();
  start(other, waits);
  other_io.poll();
  start(scene.world, comes_last);
  scene.io.poll();
  other.stop();
  other_io.restart();
  other_io.poll();
  CHECK(refused);
  scene.world.run();
  CHECK(served);
}

TEST_CASE("a turn is passed on where its holder fails") {
  Scene scene;
  bool served = false;
  auto fails = [&]() -> awaitable<void> {
    const auto turn = co_await scene.shared.take(scene.world, key(first), "a");
    co_await pause(scene.world, seconds(1));
    throw std::runtime_error("a bug");
  };
  auto next = [&]() -> awaitable<void> {
    const auto turn = co_await scene.shared.take(scene.world, key(first), "b");
    served = turn != nullptr;
  };
  asio::co_spawn(scene.io, fails(), [](const std::exception_ptr& failure) { CHECK(failure); });
  start(scene.world, next);
  scene.world.run();
  CHECK(served);
}

TEST_CASE("names that share an address are told, each once") {
  Scene scene;
  auto all = [&]() -> awaitable<void> {
    for (const char* name : {"b.example", "a.example", "b.example"}) {
      const auto turn = co_await scene.shared.take(scene.world, key(first), name);
    }
    const auto alone = co_await scene.shared.take(scene.world, key(second), "c.example");
  };
  start(scene.world, all);
  scene.world.run();
  const std::vector<std::string> notices = scene.shared.notices();
  REQUIRE(notices.size() == 1);
  CHECK(notices[0].starts_with("10.0.0.1 is an address of a.example, b.example: its ports were swept once"));
}

TEST_CASE("on several threads nobody shares a turn, nobody is forgotten, and all is seen that was published") {
  constexpr int shards = 4;
  constexpr int visits = 200;
  SharedPorts shared;
  std::atomic<int> inside{0};
  std::atomic<int> crowded{0};
  std::atomic<int> lost{0};
  int unguarded[2] = {0, 0};  // which a race detector watches: the turn alone protects them
  const auto shard = [&](int number) {
    asio::io_context io(1);
    net::KernelWorld world(io, net::KernelShare(4, 4));
    const auto visit = [&](int visit_number) -> awaitable<void> {
      std::vector<std::unique_ptr<SharedPorts::Turn>> turns;  // of both, in the order of the keys
      for (const IpAddress& address : {first, second}) {
        const SharedPorts::Key where = key(address);
        std::string name = "n";
        auto turn = co_await shared.take(world, where, std::move(name));
        if (turn) turns.push_back(std::move(turn));
      }
      if (turns.size() != 2) ++lost;
      if (inside.fetch_add(1) != 0) ++crowded;
      for (int& count : unguarded) ++count;
      auto token = use_awaitable;
      co_await asio::post(io.get_executor(), token);
      const auto port = static_cast<std::uint16_t>(1 + number * visits + visit_number);
      const auto known = turns[0]->known().ports;
      if ((known ? known->ports.size() : 0) + 1 != static_cast<std::size_t>(unguarded[0])) ++lost;
      inside.fetch_sub(1);
      for (const auto& turn : turns) turn->publish(ports({{port, Reason::closed}}), "", WallTime{});
    };
    for (int i = 0; i < visits; ++i)
      asio::co_spawn(io, visit(i), [&](const std::exception_ptr& failure) {
        if (failure) ++lost;
      });
    world.run();
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < shards; ++i) threads.emplace_back(shard, i);
  for (std::thread& thread : threads) thread.join();
  CHECK(crowded == 0);
  CHECK(lost == 0);
  CHECK(unguarded[0] == shards * visits);
  CHECK(unguarded[1] == shards * visits);
}

TEST_CASE("shards that are stopped while others hold turns end, and leave nobody waiting") {
  constexpr int shards = 4;
  SharedPorts shared;
  std::atomic<int> ended{0};
  std::vector<std::unique_ptr<asio::io_context>> ios;
  std::vector<std::unique_ptr<net::KernelWorld>> worlds;
  for (int i = 0; i < shards; ++i) {
    ios.push_back(std::make_unique<asio::io_context>(1));
    worlds.push_back(std::make_unique<net::KernelWorld>(*ios.back(), net::KernelShare(4, 4)));
  }
  const auto shard = [&](int number) {
    net::World& world = *worlds[static_cast<std::size_t>(number)];
    const auto visit = [&](int visit_number) -> awaitable<void> {
      const SharedPorts::Key where = key(first);
      std::string name = "n";
      const auto turn = co_await shared.take(world, where, std::move(name));
      if (turn && visit_number == 20)
        for (const auto& one : worlds) one->stop_soon();
      auto token = use_awaitable;
      co_await asio::post(world.io().get_executor(), token);
    };
    for (int i = 0; i < 100; ++i)
      asio::co_spawn(world.io(), visit(i), [&](const std::exception_ptr& /*failure*/) { ++ended; });
    world.run();
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < shards; ++i) threads.emplace_back(shard, i);
  for (std::thread& thread : threads) thread.join();
  CHECK(ended == shards * 100);
}

}  // namespace audit::core

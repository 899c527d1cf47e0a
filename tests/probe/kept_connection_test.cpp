#include <catch2/catch.hpp>

#include "../net/peers.hpp"
#include "net/kernel_world.hpp"
#include "probe/conversation.hpp"
#include "probe/target.hpp"

using namespace audit;
using namespace audit::probe;
using namespace audit::test;

namespace {

constexpr auto patience = 20s;  // of a test that has already failed

/// A target on loopback with two services, swept.
struct Swept {
  explicit Swept(TargetLimits limits, net::PrefixLimit* prefixes = nullptr) {
    services.prefixes = prefixes;
    target.emplace(services, "127.0.0.1", "", allow("127.0.0.1"), limits);
    PortSet ports;
    ports.add(first.at.port, first.at.port);
    ports.add(second.at.port, second.at.port);
    target->keep_connections(ports);
    auto task = [&]() -> awaitable<void> {
      std::vector<std::uint16_t> swept{first.at.port, second.at.port};
      co_await target->sweep(std::move(swept));
      kept = target->kept().size();
    };
    run(task);
  }

  template <class Task>
  void run(Task& task) {
    bool done = false;
    auto whole = [&]() -> awaitable<void> {
      co_await task();
      done = true;
    };
    start(io, whole);
    io.restart();
    while (!done && io.run_one_for(patience) > 0) {
    }
    REQUIRE(done);
  }

  Listener first;
  Listener second;
  asio::io_context io{1};
  net::KernelWorld world{io, net::KernelShare(8, 16)};
  net::Rate rate{1e6};
  Identity identity;
  Services services{world, rate, net::ResolverConfig(), identity};
  std::optional<Target> target;
  std::size_t kept = 0;
};

TargetLimits at_once(std::uint32_t conversations) {
  TargetLimits limits;
  limits.per_target = conversations;
  return limits;
}

}  // namespace

TEST_CASE("what the sweep opened and what the rules open are together no more than a target allows") {
  Swept swept(at_once(1));
  REQUIRE(swept.kept == 1);  // of the lower port, which is swept first
  const Endpoint other = std::max(swept.first.at, swept.second.at);
  std::size_t left = 9;
  bool fresh = false;
  auto task = [&]() -> awaitable<void> {
    Context context(*swept.target, swept.world.now() + 5s);
    const ConnectOptions options(1s);
    std::string word = "connect";
    auto opened = co_await connect(context, other, options, std::move(word));
    if (!opened) throw std::runtime_error(opened.error().message);
    left = swept.target->kept().size();
    fresh = !(*opened)->stream().connected_before();
  };
  swept.run(task);
  CHECK(left == 0);
  CHECK(fresh);
}

TEST_CASE(
    "each service that was kept is spoken to over the connection that the sweep made, and says how long that took") {
  Swept swept(at_once(2));
  CHECK(swept.kept == 2);
  std::size_t taken = 0;
  auto task = [&]() -> awaitable<void> {
    Context context(*swept.target, swept.world.now() + 5s);
    const std::vector<Endpoint> both{swept.first.at, swept.second.at};
    for (const Endpoint& endpoint : both) {
      const ConnectOptions options(1s);
      std::string word = "connect";
      auto opened = co_await connect(context, endpoint, options, std::move(word));
      if (!opened) throw std::runtime_error(opened.error().message);
      const auto took = (*opened)->stream().connected_before();
      const Value* said = (*opened)->observation()->fields.find("connect_time");
      if (took && *said->get_if<double>() == seconds(*took)) ++taken;
    }
  };
  swept.run(task);
  CHECK(taken == 2);
}

TEST_CASE("nothing is kept where a gap is asked for, or the connections of a network are counted one by one") {
  TargetLimits limits = at_once(8);
  limits.gap = 1ms;
  CHECK(Swept(limits).kept == 0);
  net::PrefixLimit counted(64, net::PrefixLimit::Bounds::everything);
  CHECK(Swept(at_once(8), &counted).kept == 0);
  net::PrefixLimit conversations(64, net::PrefixLimit::Bounds::conversations);
  CHECK(Swept(at_once(8), &conversations).kept == 2);
}

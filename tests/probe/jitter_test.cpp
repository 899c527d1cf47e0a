#include <set>

#include "probe/discovery.hpp"
#include "probing.hpp"

using namespace audit;
using namespace audit::net;
using namespace audit::probe;
using namespace audit::test;

namespace {

constexpr int draws = 64;

struct Drawn {
  std::set<Duration> all;

  [[nodiscard]] bool within(Duration least, Duration most) const {
    return *all.begin() >= least && *all.rbegin() <= most;
  }
  /// Do they reach into the outer quarters of what they may be?
  [[nodiscard]] bool fill(Duration least, Duration most) const {
    const Duration quarter = (most - least) / 4;
    return least + quarter > *all.begin() && *all.rbegin() > most - quarter;
  }
};

/// How long a connect waits that meets so many faults of this machine before it is refused at once.
Drawn connects_after(std::uint32_t faults) {
  Probing probing;
  Drawn drawn;
  for (int i = 0; i < draws; ++i) {
    ScriptedPort faulty;
    faulty.event = PortEvent::closed;
    faulty.round_trip = 0s;
    faulty.faults_first = faults;
    probing.world.port(tcp("10.0.0.1", 22), std::move(faulty));
    const Instant began = probing.world.now();
    const Answer answer = probing.ask("banner", 22, {{"fresh", true}});
    REQUIRE(probing.reason(answer) == Reason::refused);
    REQUIRE(probing.context->record().front()->attempts == faults + 1);
    drawn.all.insert(probing.world.now() - began);
  }
  return drawn;
}

}  // namespace

TEST_CASE(
    "a connect that met a fault of this machine comes again after 50 ms and up to an eighth more, then after twice "
    "that") {
  const Drawn once = connects_after(1);
  CHECK(once.all.size() > draws / 4);
  CHECK(once.within(50ms, 56'250us));
  CHECK(once.fill(50ms, 56'250us));
  const Drawn thrice = connects_after(3);
  CHECK(thrice.all.size() > draws / 2);
  CHECK(thrice.within(7 * 50ms, 7 * 56'250us));
  CHECK(*thrice.all.begin() > *once.all.rbegin());
}

TEST_CASE("the echoes that look for life wait for the timeout and up to an eighth of it more") {
  TargetLimits once;
  once.timeout = 8s;
  once.attempts = 1;
  once.gap = 1ms;  // then nothing runs beside them
  Probing probing({"10.0.0.1"}, once);
  Drawn drawn;
  for (int i = 0; i < draws; ++i) {
    const Instant began = probing.world.now();
    Discovery found;
    auto task = [&]() -> awaitable<void> {
      std::vector<std::uint16_t> none;
      found = co_await discover(probing.target, std::move(none), false);
    };
    play(probing.world, task);
    REQUIRE(found.echoes == 1);
    drawn.all.insert(probing.world.now() - began);
  }
  CHECK(drawn.all.size() > draws / 4);
  CHECK(drawn.within(8s, 9s));
  CHECK(drawn.fill(8s, 9s));
}

// Checks that hold streams while they ask on: none waits for another for ever, and none gets more than there is.
#include "probe/holding.hpp"

#include <random>

#include "probe/context.hpp"
#include "probing.hpp"

using namespace audit;
using namespace audit::net;
using namespace audit::probe;
using namespace audit::test;

namespace {

TargetLimits bearing(std::uint32_t per_target) {
  TargetLimits limits;
  limits.per_target = per_target;
  return limits;
}

/// A target in a network that bears so much at once, and checks that come to it.
struct Crowd {
  explicit Crowd(std::uint32_t per_target, std::uint32_t per_prefix)
      : probing({"10.0.0.1"}, bearing(per_target)), prefixes(per_prefix), most(std::min(per_target, per_prefix)) {
    probing.services.prefixes = &prefixes;
    endpoint.address = ip("10.0.0.1");
    endpoint.port = 22;
  }

  /// A check that does what the letters say: s opens a stream, c closes one, w asks a word, z waits.
  void come(std::string letters) {
    ++came;
    scripts.push_back([this, letters = std::move(letters)]() -> awaitable<void> {
      Context context(probing.target, probing.in(10h));
      std::vector<Stream> streams;
      const bool fits = co_await act(context, letters, streams);
      if (!fits) ++(wanted_by(letters) > 2 ? greedy : modest);
      ++ended;
    });
  }

  /// The same for one that does so in several branches at once, and keeps what they opened until all have ended.
  void come_branched(std::vector<std::string> branches) {
    ++came;
    scripts.push_back([this, branches = std::move(branches)]() -> awaitable<void> {
      Context context(probing.target, probing.in(10h));
      std::vector<std::unique_ptr<Context>> contexts;
      std::vector<Stream> streams;
      std::vector<std::function<awaitable<void>()>> follow;
      Event all(probing.world.deadlines());
      std::size_t running = branches.size();
      context.branches_begin();
      for (const std::string& letters : branches) {
        Context& own = *contexts.emplace_back(std::make_unique<Context>(context));
        follow.push_back([&, letters]() -> awaitable<void> {
          static_cast<void>(co_await act(own, letters, streams));
          own.branch_ended();
          if (--running == 0) all.happen();
        });
      }
      for (const auto& branch : follow) start(probing.io, branch);
      while (running > 0) co_await all.wait(never);
      context.branches_ended();
      ++ended;
    });
  }

  void run() {
    const Instant began = probing.world.now();
    for (const auto& script : scripts) start(probing.io, script);
    probing.world.run();
    took = probing.world.now() - began;
    CHECK(ended == came);
    CHECK(open == 0);
    CHECK(most_open <= most);
    PrefixLimit::Count& count = prefixes.count_of(endpoint.address);
    CHECK(count.taken == 0);
    CHECK(count.leaves == 0);
  }

  struct Stream {
    Place place;
    std::shared_ptr<void> held;
    std::shared_ptr<int> counted;
  };

  Probing probing;
  PrefixLimit prefixes;
  std::uint32_t most;
  Endpoint endpoint;
  std::vector<std::function<awaitable<void>()>> scripts;
  int came = 0;
  int ended = 0;
  int refused = 0;
  int greedy = 0;  // of these, checks without branches that want more than two places at a time
  int modest = 0;  // and those that do not
  std::uint32_t open = 0;
  std::uint32_t most_open = 0;
  Duration took{};

 private:
  std::shared_ptr<int> count_one() {
    most_open = std::max(most_open, ++open);
    return {new int(0), [this](const int* one) {
              --open;
              delete one;
            }};
  }

  awaitable<void> rest() {
    Sleeper sleeper(probing.world.deadlines());
    static_cast<void>(co_await sleeper.sleep(probing.in(1s)));
  }

  static std::size_t wanted_by(std::string_view letters) {
    std::size_t streams = 0;
    std::size_t most = 0;
    for (const char letter : letters) {
      if (letter == 'c' && streams > 0) --streams;
      if (letter == 'w' || letter == 's') most = std::max(most, streams + 1);
      if (letter == 's') ++streams;
    }
    return most;
  }

  /// False where it was refused.
  awaitable<bool> act(Context& context, std::string letters, std::vector<Stream>& streams) {
    for (const char letter : letters) {
      if (letter == 'z') co_await rest();
      if (letter == 'c' && !streams.empty()) streams.pop_back();
      if (letter != 's' && letter != 'w') continue;
      std::shared_ptr<void> leave;
      if (letter == 's') {
        Result<std::shared_ptr<void>> given = co_await context.leave_to_hold(endpoint);
        REQUIRE(given);
        leave = std::move(*given);
      }
      Result<Place> place = co_await probing.target.admit_to(endpoint, context.deadline(), context.holding());
      if (!place) {
        CHECK(place.error().reason == Reason::over_budget);
        ++refused;
        co_return false;
      }
      std::shared_ptr<int> counted = count_one();
      co_await rest();
      if (letter == 's')
        streams.push_back({std::move(*place), context.stream_held(endpoint, std::move(leave)), counted});
    }
    co_return true;
  }
};

std::string random_letters(std::mt19937& random, std::size_t most_streams) {
  std::string letters;
  std::size_t streams = 0;
  for (std::size_t i = random() % 8; i < 8; ++i) {
    const char letter = "sscwz"[random() % 5];
    if (letter == 's' && streams == most_streams) continue;
    streams += letter == 's' ? 1 : 0;
    streams -= letter == 'c' && streams > 0 ? 1 : 0;
    letters += letter;
  }
  return letters;
}

}  // namespace

TEST_CASE("checks that hold a stream each and want another all get it, where two places are") {
  for (const auto& [per_target, per_prefix] :
       {std::pair(2U, 9U), std::pair(8U, 9U), std::pair(9U, 2U), std::pair(9U, 8U)}) {
    CAPTURE(per_target, per_prefix);
    Crowd crowd(per_target, per_prefix);
    for (int i = 0; i < 20; ++i) crowd.come("szs");
    for (int i = 0; i < 20; ++i) crowd.come("sw");
    crowd.run();
    CHECK(crowd.refused == 0);
    CHECK(crowd.most_open == crowd.most);
  }
}

TEST_CASE("who wants two streams where one place is hears it at once") {
  for (const auto& [per_target, per_prefix] : {std::pair(1U, 9U), std::pair(9U, 1U)}) {
    CAPTURE(per_target, per_prefix);
    Crowd crowd(per_target, per_prefix);
    crowd.come("ss");
    crowd.come("w");
    crowd.come("scs");
    crowd.come("sw");
    crowd.run();
    CHECK(crowd.refused == 2);
    CHECK(crowd.took < 1min);
  }
}

TEST_CASE("branches that keep more streams than there are places hear it, those that close them do not") {
  Crowd crowd(8, 99);
  crowd.come_branched(std::vector<std::string>(12, "sc"));
  crowd.run();
  CHECK(crowd.refused == 0);
  Crowd greedy(8, 99);
  greedy.come_branched(std::vector<std::string>(12, "s"));
  greedy.come("sww");
  greedy.run();
  CHECK(greedy.refused == 4);
  CHECK(greedy.took < 1min);
}

TEST_CASE("whatever checks hold and want, all end long before their deadlines, and no more is open than may be") {
  std::mt19937 random(20261123);
  int greedy = 0;
  for (int round = 0; round < 300; ++round) {
    const auto per_target = static_cast<std::uint32_t>(1 + random() % 5);
    Crowd crowd(per_target, 99);
    for (std::size_t i = 0; i < 12; ++i) {
      if (random() % 3 != 0) {
        crowd.come(random_letters(random, 1 + random() % 4));
        continue;
      }
      std::vector<std::string> branches(1 + random() % 6);
      for (std::string& letters : branches) letters = random_letters(random, 3);
      crowd.come_branched(std::move(branches));
    }
    CAPTURE(round, per_target);
    crowd.run();
    CHECK(crowd.took < 1h);
    if (per_target > 1) CHECK(crowd.modest == 0);
    greedy += crowd.greedy;
  }
  CHECK(greedy > 0);
}

#include "cli/watch_states.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>

namespace audit::cli {
namespace {

const WatchKey target{Watched::target, "10.0.0.1", ""};
const WatchKey check{Watched::check, "10.0.0.1", "a.rule"};

WatchSight seen(const WatchKey& key, std::string_view state) { return {key, std::string(state), "because"}; }

WatchSight unseen(const WatchKey& key) { return seen(key, unknown_state); }

/// Feeds one thing these states, a round each; what it is said to change to in each round, "" where nothing is said.
std::vector<std::string> flips(std::uint32_t confirm, const std::vector<std::string>& states) {
  WatchStates watched(confirm);
  std::vector<std::string> said;
  for (const std::string& state : states) {
    const auto changes = watched.see({seen(target, state)}, unseen, said.size() + 1, {});
    REQUIRE(changes.size() <= 1);
    said.push_back(changes.empty() ? "" : changes[0].sight.state);
  }
  return said;
}

TEST_CASE("a state flips with the last of so many equal results in a row, and not before") {
  CHECK(flips(3, {"up", "down", "down", "down", "down"}) == std::vector<std::string>{"up", "", "", "down", ""});
  CHECK(flips(3, {"up", "down", "down", "up", "down", "down"}) == std::vector<std::string>{"up", "", "", "", "", ""});
  CHECK(flips(1, {"up", "down", "up"}) == std::vector<std::string>{"up", "down", "up"});
}

TEST_CASE("results that differ from each other confirm nothing, unknown among them") {
  CHECK(flips(2, {"pass", "fail", "unknown", "fail", "unknown"}) == std::vector<std::string>{"pass", "", "", "", ""});
  CHECK(flips(2, {"pass", "unknown", "unknown"}) == std::vector<std::string>{"pass", "", "unknown"});
}

TEST_CASE("whatever comes, no flip has fewer equal results in a row behind it, and none with as many is missed") {
  const std::vector<std::string> words{"pass", "fail", "unknown"};
  std::mt19937 random(5);
  for (int run = 0; run < 2000; ++run) {
    const auto confirm = static_cast<std::uint32_t>(1 + random() % 5);
    std::vector<std::string> states;
    for (int i = 0; i < 60; ++i)
      states.push_back(random() % 3 > 0 && !states.empty() ? states.back() : words[random() % words.size()]);
    const std::vector<std::string> said = flips(confirm, states);
    REQUIRE(said[0] == states[0]);
    std::string state = states[0];
    std::size_t in_a_row = 1;
    for (std::size_t i = 1; i < states.size(); ++i) {
      in_a_row = states[i] == states[i - 1] ? in_a_row + 1 : 1;
      const bool due = states[i] != state && in_a_row >= confirm;
      REQUIRE(said[i] == (due ? states[i] : ""));
      if (due) state = states[i];
    }
  }
}

TEST_CASE("what a round has no record of is as the round says, and flips as slowly") {
  WatchStates watched(2);
  (void)watched.see({seen(target, "up"), seen(check, "pass")}, unseen, 1, {});
  CHECK(watched.see({seen(target, "up")}, unseen, 2, {}).empty());
  CHECK(watched.unconfirmed(Watched::check) == 1);
  const auto changes = watched.see({seen(target, "up")}, unseen, 3, {});
  REQUIRE(changes.size() == 1);
  CHECK((changes[0].from == "pass" && changes[0].sight.state == "unknown" && changes[0].sight.key == check));
}

TEST_CASE("what appears later is new until it is confirmed, and what is gone is forgotten") {
  const auto gone = [](const WatchKey& key) { return seen(key, gone_state); };
  WatchStates watched(2);
  (void)watched.see({seen(target, "up")}, gone, 1, {});
  for (int i = 0; i < 1000; ++i) {  // a name whose address is another one every round
    const WatchKey passing{Watched::port, "h", std::to_string(i)};
    REQUIRE(watched.see({seen(target, "up"), seen(passing, "open")}, gone, 2, {}).empty());
    REQUIRE(watched.things().size() <= 4);
  }
  const WatchKey port{Watched::port, "h", "stays"};
  CHECK(watched.see({seen(target, "up"), seen(port, "open")}, gone, 3, {}).empty());
  const auto came = watched.see({seen(target, "up"), seen(port, "open")}, gone, 4, {});
  REQUIRE(came.size() == 1);
  CHECK(came[0].from == new_state);
  CHECK(watched.see({seen(target, "up")}, gone, 5, {}).empty());
  const auto went = watched.see({seen(target, "up")}, gone, 6, {});
  REQUIRE(went.size() == 1);
  CHECK((went[0].from == "open" && went[0].sight.state == gone_state));
  CHECK(watched.things().size() == 1);
}

TEST_CASE("a thing that one round names twice counts once") {
  WatchStates watched(2);
  (void)watched.see({seen(target, "up")}, unseen, 1, {});
  CHECK(watched.see({seen(target, "down"), seen(target, "down")}, unseen, 2, {}).empty());
}

}  // namespace
}  // namespace audit::cli

#include "notify/backoff.hpp"

#include <catch2/catch.hpp>

using namespace audit;
using namespace audit::notify;
using namespace std::chrono_literals;

namespace {

/// Time that only passes where somebody waits.
struct Still {
  Instant now{};
  std::vector<Duration> pauses;
  bool asked_to_end = false;

  Patience patience() {
    return {[this] { return now; },
            [this](Duration pause) {
              pauses.push_back(pause);
              now += pause;
              return !asked_to_end;
            },
            [] { return 1.0; }};
  }
};

NotifySettings some_settings() {
  NotifySettings settings;
  settings.name = "ops";
  return settings;
}

Sent failed() { return {Sent::How::failed, "hook:443: HTTP status 500", {}}; }
Sent delivered() { return {Sent::How::delivered, "", {}}; }

}  // namespace

TEST_CASE("pauses double from half a second to half a minute, and chance takes up to half of one away") {
  CHECK(pause_after(1, 1) == 500ms);
  CHECK(pause_after(2, 1) == 1s);
  CHECK(pause_after(6, 1) == 16s);
  CHECK(pause_after(7, 1) == 30s);
  CHECK(pause_after(4'000'000'000, 1) == 30s);
  CHECK(pause_after(2, 0) == 500ms);
  CHECK(pause_after(2, 0.5) == 750ms);
}

TEST_CASE("a notifier that fails twice is told at the third attempt") {
  Still still;
  int asked = 0;
  const Outcome outcome = persist(
      some_settings(), [&](Duration) { return ++asked < 3 ? failed() : delivered(); }, still.patience());
  CHECK(outcome.ok);
  CHECK(outcome.attempts == 3);
  CHECK(outcome.message.empty());
  CHECK(still.pauses == std::vector<Duration>{500ms, 1s});
}

TEST_CASE("one that refuses is not asked again") {
  Still still;
  const Outcome outcome = persist(
      some_settings(),
      [](Duration) {
        return Sent{Sent::How::refused, "hook:443: HTTP status 404", {}};
      },
      still.patience());
  CHECK_FALSE(outcome.ok);
  CHECK(outcome.attempts == 1);
  CHECK(outcome.message == "hook:443: HTTP status 404");
}

TEST_CASE("attempts are bounded by number") {
  Still still;
  const Outcome outcome = persist(
      some_settings(), [](Duration) { return failed(); }, still.patience());
  CHECK_FALSE(outcome.ok);
  CHECK(outcome.attempts == 5);
  CHECK(outcome.message == "hook:443: HTTP status 500; given up after 5 attempts");
}

TEST_CASE("attempts are bounded by time, and so is the last one's timeout") {
  Still still;
  NotifySettings settings = some_settings();
  settings.attempts = 10;
  settings.give_up_after = 55s;
  std::vector<Duration> timeouts;
  const Outcome outcome = persist(
      settings,
      [&](Duration timeout) {
        timeouts.push_back(timeout);
        still.now += timeout;  // it hangs
        return failed();
      },
      still.patience());
  CHECK(still.now - Instant() <= settings.give_up_after);
  CHECK(timeouts.front() == 10s);
  CHECK(timeouts.back() < 10s);
  CHECK_THAT(outcome.message, Catch::Contains("give_up_after"));
}

TEST_CASE("a receiver that says when to come back is not asked before, and given up where that is too late") {
  Still still;
  int asked = 0;
  const auto busy = [&](Duration wanted) {
    return [&asked, wanted](Duration) {
      return ++asked == 1 ? Sent{Sent::How::failed, "hook:443: HTTP status 429", wanted} : delivered();
    };
  };
  CHECK(persist(some_settings(), busy(20s), still.patience()).ok);
  CHECK(still.pauses == std::vector<Duration>{20s});
  asked = 0;
  CHECK(persist(some_settings(), busy(1h), still.patience()).attempts == 1);
}

TEST_CASE("a program that is asked to end waits for no receiver") {
  Still still;
  still.asked_to_end = true;
  const Outcome outcome = persist(
      some_settings(), [](Duration) { return failed(); }, still.patience());
  CHECK(outcome.attempts == 1);
  CHECK_THAT(outcome.message, Catch::Contains("asked to end"));
}

#include "notify/teller.hpp"

#include <catch2/catch.hpp>
#include <future>

#include "some_news.hpp"

using namespace audit;
using namespace audit::notify;

namespace {

News of_round(std::uint64_t number) {
  News news = some_news();
  news.event = Event::round;
  news.round.emplace().number = number;
  return news;
}

/// A notifier that is told what it is told, once the test opens the door.
struct Slow {
  std::promise<void> door;
  std::shared_future<void> opened{door.get_future().share()};
  std::promise<void> busy;
  bool first = true;
  bool ok = true;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> heard;  // number, untold

  Teller::Tell tell() {
    return [this](const News& news, Stop&) {
      if (std::exchange(first, false)) busy.set_value();
      opened.wait();
      heard.emplace_back(news.round->number, news.round->untold);
      Outcome outcome;
      outcome.ok = ok;
      return outcome;
    };
  }
};

bool unhurried() { return false; }

}  // namespace

TEST_CASE("who has news does not wait for a slow notifier, and what is too much is counted and said") {
  Slow slow;
  Teller teller(Teller::Keep::all, slow.tell());
  teller.add(of_round(1));
  slow.busy.get_future().wait();
  for (std::uint64_t number = 2; number <= Teller::most + 4; ++number) teller.add(of_round(number));
  CHECK(teller.left_out() == 3);
  slow.door.set_value();
  teller.finish(unhurried);
  REQUIRE(slow.heard.size() == Teller::most + 1);
  CHECK(slow.heard[0] == std::pair<std::uint64_t, std::uint64_t>(1, 0));
  CHECK(slow.heard[1] == std::pair<std::uint64_t, std::uint64_t>(2, 3));  // the first that arrived since says so
  CHECK(slow.heard[2] == std::pair<std::uint64_t, std::uint64_t>(3, 0));
  CHECK(teller.take_outcomes().size() == Teller::most);
}

TEST_CASE("what was given up is said with the next that arrives") {
  Slow slow;
  slow.ok = false;
  slow.door.set_value();
  Teller teller(Teller::Keep::all, slow.tell());
  teller.add(of_round(1));
  teller.add(of_round(2));
  teller.finish(unhurried);
  CHECK(slow.heard.back() == std::pair<std::uint64_t, std::uint64_t>(2, 1));
  CHECK(teller.left_out() == 0);
}

TEST_CASE("of pings only the latest waits") {
  Slow slow;
  Teller teller(Teller::Keep::latest, slow.tell());
  teller.add(of_round(1));
  slow.busy.get_future().wait();
  for (std::uint64_t number = 2; number <= 1'000; ++number) teller.add(of_round(number));
  slow.door.set_value();
  teller.finish(unhurried);
  REQUIRE(slow.heard.size() == 2);
  CHECK(slow.heard[1].first == 1'000);
  CHECK(teller.left_out() == 0);
}

TEST_CASE("one who is in a hurry stops a notifier that tries again and again, and what waits is counted") {
  Teller teller(Teller::Keep::all, [](const News&, Stop& stop) {
    while (stop.wait(std::chrono::hours(1))) {
    }
    return Outcome();
  });
  for (std::uint64_t number = 1; number <= 3; ++number) teller.add(of_round(number));
  teller.finish([] { return true; });
  CHECK(teller.left_out() >= 2);  // the first may have been tried
  CHECK(teller.left_out() + teller.take_outcomes().size() == 3);
}

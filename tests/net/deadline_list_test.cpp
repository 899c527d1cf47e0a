#include "net/deadline_list.hpp"

#include <catch2/catch.hpp>

#include <deque>
#include <map>
#include <random>

using namespace audit;
using namespace audit::net;
using namespace std::chrono_literals;

namespace {

struct Note final : DeadlineList::Entry {
  std::function<void(Expiry)> then;
  int expiries = 0;
  Expiry why = Expiry::deadline;

 protected:
  void expired(Expiry how) override {
    ++expiries;
    why = how;
    if (then) then(how);
  }
};

Instant at(int step) { return Instant(std::chrono::milliseconds(step)); }

}  // namespace

TEST_CASE("a deadline list expires what a sorted map would, and nothing else") {
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    DeadlineList list;
    std::deque<Note> notes(40);
    std::multimap<Instant, Note*> model;
    const auto forget = [&](Note& note) {
      std::erase_if(model, [&](const auto& item) { return item.second == &note; });
    };
    for (int step = 0; step < 300; ++step) {
      Note& note = notes[random() % notes.size()];
      switch (random() % 4) {
        case 0:
        case 1: {
          const Instant when = at(static_cast<int>(random() % 100));
          forget(note);
          model.emplace(when, &note);
          list.add(note, when);
          break;
        }
        case 2:
          forget(note);
          list.remove(note);
          break;
        default: {
          const Instant now = at(static_cast<int>(random() % 100));
          std::map<Note*, int> before;
          for (Note& one : notes) before[&one] = one.expiries;
          list.advance(now);
          for (Note& one : notes) {
            const bool due = std::any_of(model.begin(), model.end(),
                                         [&](const auto& item) { return item.second == &one && item.first <= now; });
            REQUIRE(one.expiries - before[&one] == (due ? 1 : 0));
          }
          std::erase_if(model, [&](const auto& item) { return item.first <= now; });
        }
      }
      REQUIRE(list.size() == model.size());
      REQUIRE(list.next() == (model.empty() ? never : model.begin()->first));
      for (Note& one : notes)
        REQUIRE(one.waiting() ==
                std::any_of(model.begin(), model.end(), [&](const auto& item) { return item.second == &one; }));
    }
  }
}

TEST_CASE("the nearest deadline expires first") {
  DeadlineList list;
  std::deque<Note> notes(20);
  std::vector<Instant> order;
  std::mt19937 random(3);
  for (Note& note : notes) {
    note.then = [&](Expiry) { order.push_back(note.when()); };
    list.add(note, at(static_cast<int>(random() % 10)));
  }
  list.advance(at(100));
  CHECK(order.size() == notes.size());
  CHECK(std::is_sorted(order.begin(), order.end()));
}

TEST_CASE("an entry may add and remove others, and itself, while it expires") {
  DeadlineList list;
  Note first, second, third;
  int again = 2;
  first.then = [&](Expiry) {
    list.remove(second);
    list.add(third, at(3));
    if (again-- > 0) list.add(first, at(2));
  };
  list.add(first, at(1));
  list.add(second, at(1));
  list.advance(at(2));
  CHECK(first.expiries == 3);
  CHECK(second.expiries == 0);
  CHECK(third.waiting());
  list.advance(at(3));
  CHECK(third.expiries == 1);
  CHECK(list.size() == 0);
}

TEST_CASE("a stop ends every wait once, and what is added later at the next advance") {
  DeadlineList list;
  std::deque<Note> notes(10);
  for (Note& note : notes) list.add(note, never);
  list.stop_all();
  for (Note& note : notes) {
    CHECK(note.expiries == 1);
    CHECK(note.why == Expiry::stopped);
  }
  Note late;
  list.add(late, at(1'000));
  CHECK(late.expiries == 0);
  list.advance(at(1));
  CHECK(late.expiries == 1);
  CHECK(late.why == Expiry::stopped);
}

TEST_CASE("an entry that one stopped wait removes is not expired") {
  DeadlineList list;
  Note first, second;
  first.then = [&](Expiry) { list.remove(second); };
  second.then = [&](Expiry) { list.remove(first); };
  list.add(first, at(1));
  list.add(second, at(2));
  list.stop_all();
  CHECK(first.expiries + second.expiries == 1);
}

TEST_CASE("regression: a wait that is renewed after the stop does not spin") {
  DeadlineList list;
  Note stubborn;
  stubborn.then = [&](Expiry) { list.add(stubborn, at(50)); };
  list.add(stubborn, at(1));
  list.stop_all();
  CHECK(stubborn.expiries == 1);
  list.advance(at(1));
  CHECK(stubborn.expiries == 2);
  CHECK(stubborn.waiting());
  list.remove(stubborn);
}

TEST_CASE("whoever keeps the timer hears of nearer deadlines, and that nothing waits") {
  DeadlineList list;
  std::vector<Instant> heard;
  list.on_nearer([&](Instant when) { heard.push_back(when); });
  Note near, far;
  list.add(far, at(9));
  list.add(near, at(2));
  list.remove(far);
  list.remove(near);
  CHECK(heard == std::vector<Instant>{at(9), at(2), never});
}

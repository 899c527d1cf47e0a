#include "notify/reasons.hpp"

#include <catch2/catch.hpp>

#include "some_news.hpp"

using namespace audit;
using namespace audit::notify;

namespace {

using Words = std::vector<std::string>;

NotifyWhen everything() {
  NotifyWhen when;
  when.always = when.changed = when.incomplete = when.recovered = when.waiver_expiring = true;
  when.new_failures = Severity::high;
  return when;
}

NotifyWhen only(bool NotifyWhen::*which) {
  NotifyWhen when;
  when.*which = true;
  return when;
}

}  // namespace

TEST_CASE("a run that is as the one before tells only who always wants to hear") {
  News news = some_news();
  news.change.emplace();
  CHECK(reasons_of(everything(), news) == Words{"always"});
}

TEST_CASE("each difference from the run before is a change") {
  News news = some_news();
  for (const int difference : {0, 1, 2, 3, 4}) {
    news.change.emplace();
    if (difference == 0) news.change->new_failures.add(a_failure(Severity::low));
    if (difference == 1) news.change->fixed = 1;
    if (difference == 2) news.change->unknown_now = 1;
    if (difference == 3) news.change->changed_evidence = 1;
    if (difference == 4) news.change->recovered = true;
    CHECK(reasons_of(only(&NotifyWhen::changed), news) == Words{"changed"});
  }
}

TEST_CASE("new failures count from the severity that is asked for") {
  News news = some_news();
  news.failures.add(a_failure(Severity::critical));  // not new
  news.change.emplace();
  news.change->new_failures.add(a_failure(Severity::medium));
  NotifyWhen when;
  when.new_failures = Severity::high;
  CHECK(reasons_of(when, news).empty());
  when.new_failures = Severity::medium;
  CHECK(reasons_of(when, news) == Words{"new_failures >= medium"});
}

TEST_CASE("what only an earlier run could tell is told without one, and says so") {
  News news = some_news();
  const std::string why = " (no earlier run to compare with)";
  CHECK(reasons_of(everything(), news) == Words{"always", "changed" + why, "recovered" + why});
  news.failures.add(a_failure(Severity::high));
  CHECK(reasons_of(everything(), news) == Words{"always", "changed" + why, "new_failures >= high" + why});
}

TEST_CASE("what this run alone rules out is not told for want of an earlier one") {
  News news = some_news();
  NotifyWhen when;
  when.new_failures = Severity::high;
  news.failures.add(a_failure(Severity::low));
  CHECK(reasons_of(when, news).empty());
  CHECK(reasons_of(only(&NotifyWhen::recovered), news).empty());  // it is not clean
}

TEST_CASE("an incomplete run, a recovered one and a waiver that ends soon are told to who asks for them") {
  News news = some_news();
  news.change.emplace();
  CHECK(reasons_of(only(&NotifyWhen::incomplete), news).empty());
  CHECK(reasons_of(only(&NotifyWhen::waiver_expiring), news).empty());
  CHECK(reasons_of(only(&NotifyWhen::recovered), news).empty());
  news.complete = false;
  news.change->recovered = true;
  news.waivers.push_back({"W-17", "exposure.*", {}, 9});
  CHECK(reasons_of(only(&NotifyWhen::incomplete), news) == Words{"incomplete"});
  CHECK(reasons_of(only(&NotifyWhen::waiver_expiring), news) == Words{"waiver_expiring"});
  CHECK(reasons_of(only(&NotifyWhen::recovered), news) == Words{"recovered"});
}

TEST_CASE("a list of failures keeps the first fifty and counts all") {
  FailureList list;
  for (int i = 0; i < 70; ++i) list.add(a_failure(i < 60 ? Severity::high : Severity::low));
  CHECK(list.first.size() == 50);
  CHECK(list.more() == 20);
  CHECK(list.count_from(Severity::medium) == 60);
}

TEST_CASE("a round of a watch tells of what it confirmed, and one that confirmed nothing tells nobody") {
  News news = some_news();
  news.event = Event::round;
  news.round.emplace();
  news.change.emplace();
  news.complete = false;  // as the round was: not what counts here
  CHECK(reasons_of(everything(), news).empty());
  news.round->add({"port", "10.0.0.7", "tcp/10.0.0.7:23", "closed", "open", ""});
  CHECK(reasons_of(everything(), news) == Words{"always", "changed"});
  news.change->unknown_now = 1;
  CHECK(reasons_of(everything(), news) == Words{"always", "changed", "incomplete"});
  news.change->recovered = true;
  news.change->new_failures.add(a_failure(Severity::high));
  CHECK(reasons_of(everything(), news) ==
        Words{"always", "changed", "new_failures >= high", "incomplete", "recovered"});
}

TEST_CASE("a round of a watch tells of a waiver that ends soon though nothing changed") {
  News news = some_news();
  news.round.emplace();
  news.change.emplace();
  news.waivers.push_back({"W-17", "exposure.telnet-open", Day{}, 3});
  CHECK(reasons_of(everything(), news) == Words{"waiver_expiring"});
}

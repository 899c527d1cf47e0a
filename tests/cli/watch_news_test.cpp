#include "cli/watch_news.hpp"

#include <catch2/catch.hpp>

namespace audit::cli {
namespace {

WatchChange flip(Watched kind, std::string name, std::string from, std::string to) {
  WatchChange change;
  change.sight.key = {kind, "h", std::move(name)};
  change.sight.state = std::move(to);
  change.from = std::move(from);
  return change;
}

WatchChange check(std::string from, std::string to) {
  return flip(Watched::check, "a.rule", std::move(from), std::move(to));
}
WatchChange target(std::string from, std::string to) {
  return flip(Watched::target, "", std::move(from), std::move(to));
}

/// What is told of one change; its check fails in this record, with this waiver.
notify::News told(const WatchChange& change, const std::string& waiver = "") {
  RunRecord record;
  Check failing;
  failing.rule = "a.rule";
  failing.target = "h";
  Finding& finding = failing.results.emplace_back();
  finding.status = Status::fail;
  finding.severity = Severity::high;
  finding.waiver = waiver;
  record.checks = {failing};
  return news_of({record, 1, 7, "the-one-before"}, {change});
}

TEST_CASE("a check that began to fail is a new failure, unless a waiver covers it") {
  CHECK(told(check("pass", "fail")).change->new_failures.count_from(Severity::high) == 1);
  CHECK(told(check("unknown", "fail")).change->new_failures.count() == 1);
  CHECK(told(check("new", "fail")).change->new_failures.count() == 1);
  const notify::News waived = told(check("pass", "fail"), "W-17");
  CHECK(waived.change->new_failures.count() == 0);
  CHECK(waived.round->flips == 1);
  CHECK_FALSE(waived.change->recovered);
}

TEST_CASE("what was failing, down or unknown and is well again has recovered") {
  CHECK(told(check("fail", "pass")).change->recovered);
  CHECK(told(check("fail", "pass")).change->fixed == 1);
  CHECK(told(check("unknown", "pass")).change->recovered);
  CHECK(told(check("unknown", "pass")).change->fixed == 0);
  CHECK(told(target("down", "up")).change->recovered);
  for (const WatchChange& other :
       {check("fail", "unknown"), check("unknown", "fail"), check("new", "pass"), check("pass", "gone"),
        target("down", "unknown"), target("new", "up"), flip(Watched::port, "tcp/h:23", "unknown", "open")})
    CHECK_FALSE(told(other).change->recovered);
}

TEST_CASE("a target or check that is not seen any more is unknown, and a port goes with its target") {
  for (const WatchChange& lost : {check("pass", "unknown"), target("up", "down"), target("up", "unknown")})
    CHECK(told(lost).change->unknown_now == 1);
  CHECK(told(flip(Watched::port, "tcp/h:23", "open", "unknown")).change->unknown_now == 0);
  CHECK(told(check("pass", "gone")).change->unknown_now == 0);
}

TEST_CASE("a round's changes are told in their own words, the first of them in full") {
  const notify::News news = told(check("pass", "fail"));
  REQUIRE(news.round);
  CHECK(news.event == notify::Event::round);
  CHECK(news.round->number == 7);
  CHECK(news.change->previous == "the-one-before");
  REQUIRE(news.round->first.size() == 1);
  const notify::Flip& flip = news.round->first[0];
  CHECK(flip.kind + " " + flip.name + " on " + flip.target + ": " + flip.from + " " + flip.to ==
        "check a.rule on h: pass fail");
  const RunRecord record;
  const notify::News many = news_of({record, 0, 8, ""}, std::vector<WatchChange>(70, target("up", "down")));
  CHECK(many.round->flips == 70);
  CHECK(many.round->first.size() == notify::Round::most);
}

}  // namespace
}  // namespace audit::cli

#include "notify/ping.hpp"

#include <catch2/catch.hpp>

#include "some_news.hpp"

using namespace audit::notify;

TEST_CASE("a dead-man's switch hears of a start at /start, of a success at its URL, of a failure at /fail") {
  News news = some_news();
  CHECK(ping_path("/2b7c", news) == "/2b7c");
  news.event = Event::start;
  CHECK(ping_path("/2b7c", news) == "/2b7c/start");
  CHECK(ping_path("/2b7c/?a=b", news) == "/2b7c/start?a=b");
  news.event = Event::end;
  news.complete = false;
  CHECK(ping_path("/2b7c", news) == "/2b7c/fail");
  CHECK(ping_path("/", news) == "/fail");
}

TEST_CASE("a run succeeds that was complete, whatever it found, and whose reports were written") {
  News news = some_news();
  news.exit_code = 1;
  CHECK(stage_of(news) == "success");
  for (const int code : {2, 3, 70, 73, 130, 143}) {
    news.exit_code = code;
    CHECK(stage_of(news) == "fail");
  }
  news.exit_code = 0;
  news.complete = false;
  CHECK(stage_of(news) == "fail");
}

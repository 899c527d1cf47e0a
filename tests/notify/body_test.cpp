#include <rapidjson/document.h>

#include <catch2/catch.hpp>

#include "base/text.hpp"
#include "notify/message.hpp"
#include "some_news.hpp"

using namespace audit;
using namespace audit::notify;

namespace {

rapidjson::Document json_of(const News& news) {
  rapidjson::Document document;
  const std::string body = json_body(news, {"changed"});
  document.Parse(body.data(), body.size());
  REQUIRE_FALSE(document.HasParseError());
  return document;
}

News much_news() {
  News news = some_news();
  for (int i = 0; i < 60; ++i) news.failures.add(a_failure(Severity::high));
  news.waivers.push_back({"W-17", "exposure.*", Day(std::chrono::days(20'779)), 9});
  news.change.emplace();
  news.change->previous = "20261121T010203-000001";
  news.change->new_failures.add(a_failure(Severity::critical));
  news.change->fixed = 2;
  return news;
}

}  // namespace

TEST_CASE("the JSON body has its schema, the run, its counts, the first failures and what changed") {
  const rapidjson::Document body = json_of(much_news());
  CHECK(body["schema"].GetInt() == 1);
  CHECK(body["event"] == "run");
  CHECK(body["reasons"][0] == "changed");
  CHECK(body["run"]["id"] == "20261122T010203-3fa91c");
  CHECK(body["run"]["complete"].GetBool());
  CHECK(body["summary"]["planned"].GetInt() == 3);
  CHECK(body["summary"]["pass"].GetInt() == 3);
  CHECK(body["failures"]["count"].GetInt() == 60);
  CHECK(body["failures"]["first"].Size() == 50);
  CHECK(body["failures"]["more"].GetInt() == 10);
  CHECK(body["failures"]["first"][0]["rule"] == "exposure.telnet-open");
  CHECK(body["waivers_expiring"]["first"][0]["expires"] == "2026-11-22");
  CHECK(body["change"]["new_failures"]["by_severity"]["critical"].GetInt() == 1);
  CHECK(body["change"]["fixed"].GetInt() == 2);
  CHECK_FALSE(body.HasMember("note"));
}

TEST_CASE("without an earlier run both bodies say that there is none to compare with") {
  const rapidjson::Document body = json_of(some_news());
  CHECK(body["change"].IsNull());
  CHECK(body["note"] == "no earlier run to compare with");
  CHECK_THAT(text_body(some_news(), {}), Catch::Contains("no earlier run to compare with"));
}

TEST_CASE("the text counts, names and compares") {
  const std::string text = text_body(much_news(), {"changed"});
  CHECK(text.starts_with("audit: Campus: 60 failures, 1 new\n"));
  for (const char* words : {"Why:        changed", "exit code 0, complete", "3 planned, 3 pass",
                            "60 that no waiver covers", "with run 20261121T010203-000001: 1 new failure, 2 fixed",
                            "New failures (1 critical)", "exposure.telnet-open  10.0.0.7  tcp/10.0.0.7:23",
                            "… and 10 more", "W-17  exposure.*  its last day is 2026-11-22, in 9 days"})
    CHECK_THAT(text, Catch::Contains(words));
}

TEST_CASE("hostile bytes stay bytes in every body") {
  News news = some_news();
  news.inventory_name = hostile;
  news.failures.add({Severity::high, hostile, hostile, hostile, hostile});
  const rapidjson::Document body = json_of(news);
  CHECK(body["failures"]["first"][0]["message"] == visible(hostile).c_str());
  CHECK(from_visible(body["failures"]["first"][0]["message"].GetString()) == hostile);
  const Message message = make_message(news, {});
  for (const std::string& text : {message.subject, message.text, message.json}) {
    CHECK(text.find('\x1b') == std::string::npos);
    CHECK(text.find('\r') == std::string::npos);
    CHECK(text.find("\nBcc") == std::string::npos);
    CHECK(text.find("\xe2\x80\xae") == std::string::npos);
  }
  CHECK(message.subject.find('\n') == std::string::npos);
}

TEST_CASE("a test says that it is one") {
  News news = some_news();
  news.event = Event::test;
  CHECK(json_of(news)["event"] == "test");
  CHECK_THAT(text_body(news, {"test"}), Catch::Contains("THIS IS A TEST"));
  CHECK(subject_of(news) == "audit: Campus: a test, nothing happened");
}

#include <catch2/catch.hpp>

#include <pugixml.hpp>

#include "base/fingerprint.hpp"
#include "written.hpp"

using namespace audit;
using namespace audit::report;

namespace {

constexpr WallTime started(std::chrono::milliseconds(1'795'212'245'123));  // 2026-11-20T22:04:05.123Z
constexpr WallTime first(started - std::chrono::hours(19 * 24));           // the first of the month

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

/// A failure, an error and a pass; the failure is known since the first, the error since the day itself.
RunRecord dated(std::string message = "Telnet answers") {
  RunRecord record;
  record.run.started = started;
  add(record, check_of("a.fails", "h", Status::fail, Reason::observed, std::move(message)));
  add(record, check_of("a.errs", "h", Status::error, Reason::timeout, "no answer"));
  add(record, check_of("a.passes", "h", Status::pass, Reason::observed, "fine"));
  for (const Check& check : record.checks) {
    const Status status = check.status();
    record.first_seen.emplace(seen_key(fingerprint_of(check, check.results.front()), status),
                              status == Status::fail ? first : started);
  }
  return record;
}

}  // namespace

TEST_CASE("JSON says since when a failure and an error are seen, and of nothing else") {
  const rapidjson::Document json = parsed(dated());
  CHECK(json["checks"][0]["first_seen"].GetString() == std::string_view("2026-11-01T22:04:05.123Z"));
  CHECK(json["checks"][0]["last_seen"].GetString() == std::string_view("2026-11-20T22:04:05.123Z"));
  CHECK(json["checks"][1]["first_seen"].GetString() == std::string_view("2026-11-20T22:04:05.123Z"));
  CHECK_FALSE(json["checks"][2].HasMember("first_seen"));
}

TEST_CASE("text and page say since when, in short") {
  const std::string text = written("text", dated());
  CHECK(has(text, "Telnet answers (since 2026-11-01)"));
  CHECK(has(text, "on 1 target (h); since 2026-11-20"));
  const std::string page = written("html", dated());
  CHECK(has(page, "Since <time datetime=\"2026-11-01T22:04:05.123Z\">2026-11-01</time>"));
  CHECK(has(page, "; since 2026-11-20"));
  pugi::xml_document document;
  CHECK(document.load_string(page.c_str(), pugi::parse_full));
}

TEST_CASE("without a history nothing is said of earlier runs") {
  RunRecord record = dated();
  record.first_seen.clear();
  for (const std::string_view format : {"json", "text", "html"}) {
    const std::string bytes = written(format, record);
    CHECK_FALSE(has(bytes, "first_seen"));
    CHECK_FALSE(has(bytes, "last_seen"));
    CHECK_FALSE(has(bytes, "ince 20"));
    CHECK_FALSE(has(bytes, "Since <time"));
  }
}

TEST_CASE("what failed before it was an error, or says other words, is dated by what it is") {
  RunRecord record = dated();
  record.checks.held()[0].results[0].message = "In other words";
  CHECK(has(written("text", record), "In other words (since 2026-11-01)"));
  record.checks.held()[0].results[0].status = Status::error;
  CHECK_FALSE(record.first_seen_of(record.checks.held()[0], record.checks.held()[0].results[0]));
}

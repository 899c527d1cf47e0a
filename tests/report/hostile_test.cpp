#include <catch2/catch.hpp>

#include <pugixml.hpp>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "hostile_record.hpp"
#include "written.hpp"

using namespace audit;
using namespace audit::report;

namespace {

void walk_strings(const rapidjson::Value& value, std::size_t& seen) {
  if (value.IsString()) {
    const std::string_view text(value.GetString(), value.GetStringLength());
    CHECK(printable(text));
    if (from_visible(text) == hostile_bytes()) ++seen;
  } else if (value.IsArray()) {
    for (const auto& item : value.GetArray()) walk_strings(item, seen);
  } else if (value.IsObject()) {
    for (const auto& member : value.GetObject()) {
      walk_strings(member.name, seen);
      walk_strings(member.value, seen);
    }
  }
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("hostile bytes in every field stay bytes in JSON") {
  const RunRecord record = hostile_record(hostile_bytes());
  std::size_t seen = 0;
  walk_strings(parsed(record), seen);
  CHECK(seen > 100);
  CHECK(printable(written("json", record)));
}

TEST_CASE("hostile bytes in every field become no markup") {
  const std::string page = written("html", hostile_record(hostile_bytes()));
  CHECK(printable(page));
  CHECK(page.find("<script") == page.rfind("<script"));  // the page's own
  CHECK_FALSE(has(page, "<img"));
  CHECK_FALSE(has(page, "<!--"));
  CHECK_FALSE(has(page, "]]>"));
  pugi::xml_document document;
  REQUIRE(document.load_string(page.c_str(), pugi::parse_full));
  pugi::xml_document calm;
  REQUIRE(calm.load_string(written("html", hostile_record("calm")).c_str(), pugi::parse_full));
  CHECK(document.select_nodes("//script").size() == 1);
  CHECK(document.select_nodes("//img | //@onerror | //comment()").empty());
  CHECK(document.select_nodes("//a[starts-with(@href, 'https://example.net')]").empty());
  CHECK(document.select_nodes("//*").size() >= calm.select_nodes("//section").size());
}

TEST_CASE("hostile bytes in every field move no terminal") {
  for (const bool colour : {false, true}) {
    std::string text = written("text", hostile_record(hostile_bytes()), {colour, 80});
    CHECK(printable(text, colour));
    for (std::size_t at = 0; (at = text.find('\x1b', at)) != std::string::npos; ++at) {
      const std::string code = text.substr(at, text.find('m', at) - at + 1);
      CHECK(code.find_first_not_of("\x1b[0123456789;m") == std::string::npos);
      CHECK(code.size() <= 7);
    }
  }
}

TEST_CASE("ten megabytes without a newline, in every field, are cut and said in text and page") {
  const std::string huge(10'000'000, 'A');
  RunRecord record;
  Check check = check_of("a.rule", "h", Status::fail, Reason::observed, huge);
  auto observation = std::make_shared<Observation>();
  observation->probe = "banner";
  observation->fields = Value::Object{{"text", huge}};
  check.results[0].endpoint = huge;
  check.results[0].evidence = {{"", observation, {}}};
  add(record, std::move(check));
  const std::string text = written("text", record);
  CHECK(text.size() < 10'000);
  CHECK(has(text, "bytes more)"));
  const std::string page = written("html", record);
  CHECK(page.size() < 60'000);
  CHECK(has(page, "… (9998000 bytes more)"));
  const rapidjson::Document json = parsed(record);
  CHECK(json["checks"][0]["message"].GetStringLength() == huge.size());
}

TEST_CASE("a record that is huge everywhere makes no huge page") {
  const RunRecord record = hostile_record(std::string(200'000, '<'));
  CHECK(written("text", record).size() < 60'000);
  CHECK(written("html", record).size() < 1'000'000);
}

TEST_CASE("combining characters without end do not fill a terminal") {
  std::string zalgo = "e";
  for (int i = 0; i < 5000; ++i) zalgo += "\xcc\x81";
  CHECK(written("text", hostile_record(zalgo)).size() < 60'000);
}

TEST_CASE("evidence stops where the page's room for it is spent, and says so") {
  RunRecord record;
  for (int i = 0; i < 200; ++i) {
    Check check = check_of("a.rule-" + std::to_string(i), "h", Status::fail, Reason::observed, "m");
    for (int piece = 0; piece < 12; ++piece)
      check.results[0].evidence.push_back({"note", nullptr, std::string(5000, '\xff')});
    add(record, std::move(check));
  }
  const std::string page = written("html", record);
  CHECK(page.size() < 5'000'000);
  CHECK(has(page, "this page has no more room for evidence"));
}

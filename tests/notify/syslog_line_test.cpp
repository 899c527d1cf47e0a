#include "notify/syslog_line.hpp"

#include <catch2/catch.hpp>

#include <random>

#include "base/text.hpp"
#include "some_news.hpp"

using namespace audit;
using namespace audit::notify;

namespace {

std::string line_of(const News& news) { return syslog_line(make_message(news, {"changed"}), 16, 42); }

/// The values of [id name="value" …] at the beginning of a text, as RFC 5424 6.3 reads them, and what follows.
std::vector<std::string> values_of(std::string_view text, std::string& rest) {
  REQUIRE(text.starts_with("[audit@32473 "));
  std::vector<std::string> values;
  std::size_t at = text.find(' ');
  while (text[at] == ' ') {
    at = text.find("=\"", at) + 2;
    std::string value;
    for (; text.at(at) != '"'; ++at) {
      REQUIRE(text[at] != ']');
      if (text[at] == '\\') ++at;
      value += text.at(at);
    }
    values.push_back(value);
    ++at;
  }
  REQUIRE(text.at(at) == ']');
  rest = text.substr(at + 1);
  return values;
}

}  // namespace

TEST_CASE("a line of syslog is that of RFC 5424") {
  const std::string line = line_of(some_news());
  CHECK(line.starts_with(
      "<134>1 2026-11-22T01:03:03.000Z auditor audit 42 run [audit@32473 run=\"20261122T010203-3fa91c\" "
      "inventory=\"Campus\" why=\"changed\" exit=\"0\" complete=\"true\" planned=\"3\" pass=\"3\""));
  CHECK(line.ends_with("] audit: Campus: 0 failures"));
}

TEST_CASE("the severity is that of the gravest failure, and an incomplete run is an error") {
  News news = some_news();
  CHECK(syslog_severity(news) == 6);
  news.failures.add(a_failure(Severity::medium));
  CHECK(syslog_severity(news) == 4);
  news.complete = false;
  CHECK(syslog_severity(news) == 3);
  news.failures.add(a_failure(Severity::critical));
  CHECK(syslog_severity(news) == 2);
}

TEST_CASE("no bytes of a name leave their value, the line or its length") {
  std::mt19937 random(1);
  for (int round = 0; round < 500; ++round) {
    std::string name;
    const std::size_t length = 1 + random() % 500;
    for (std::size_t i = 0; i < length; ++i)
      name += random() % 3 == 0 ? hostile[random() % hostile.size()] : static_cast<char>(random() % 256);
    News news = some_news();
    news.inventory_name = name;
    news.host = name;
    const std::string line = line_of(news);
    REQUIRE(line.size() <= 2'048);
    for (const char c : line) REQUIRE(static_cast<unsigned char>(c) >= 0x20);
    std::string rest;
    std::size_t at = 0;
    for (int field = 0; field < 6; ++field) at = line.find(' ', at) + 1;
    if (line.size() == 2'048) continue;  // cut off
    const std::vector<std::string> values = values_of(std::string_view(line).substr(at), rest);
    REQUIRE(values[1] == visible(name.substr(0, 200)));
    REQUIRE(rest.starts_with(" audit: "));
  }
}

TEST_CASE("a field of the header has neither blanks nor anything but ASCII, and is never empty") {
  CHECK(header_field("host name\r\n\xff", 255) == "hostname");
  CHECK(header_field("", 255) == "-");
  CHECK(header_field("abcdef", 3) == "abc");
}

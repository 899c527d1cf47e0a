#include "notify/mail_header.hpp"

#include <catch2/catch.hpp>

#include <random>

#include "base/text.hpp"
#include "some_news.hpp"

using namespace audit;
using namespace audit::notify;

namespace {

/// What a reader of RFC 2047 makes of it; fails where a line is none of its encoded words.
std::string decoded(const std::string& header) {
  std::string bytes;
  std::size_t begin = 0;
  while (begin < header.size()) {
    const std::size_t end = std::min(header.find("\r\n ", begin), header.size());
    const std::string word = header.substr(begin, end - begin);
    REQUIRE(word.size() <= 75);
    REQUIRE(word.starts_with("=?UTF-8?Q?"));
    REQUIRE(word.ends_with("?="));
    const std::string text = word.substr(10, word.size() - 12);
    for (std::size_t i = 0; i < text.size(); ++i) {
      std::string byte(1, text[i] == '_' ? ' ' : text[i]);
      if (text[i] == '=') {
        REQUIRE(from_hex(text.substr(i + 1, 2), byte));
        i += 2;
      }
      bytes += byte;
    }
    begin = end + 3;
  }
  return bytes;
}

}  // namespace

TEST_CASE("a short plain subject stays as it is") {
  CHECK(header_text("audit: Campus: 3 failures, 2 new") == "audit: Campus: 3 failures, 2 new");
}

TEST_CASE("a subject beyond ASCII is in encoded words, no character in two of them") {
  CHECK(header_text("Zürich") == "=?UTF-8?Q?Z=C3=BCrich?=");
  std::string umlauts;
  for (int i = 0; i < 50; ++i) umlauts += "ü";
  const std::string header = header_text(umlauts);
  CHECK(decoded(header) == umlauts);
  for (std::size_t at = header.find("\r\n "); at != std::string::npos; at = header.find("\r\n ", at + 1))
    CHECK(header.substr(at - 5, 5) == "=BC?=");
}

TEST_CASE("no bytes end a header or begin another one") {
  std::mt19937 random(1);
  for (int round = 0; round < 500; ++round) {
    std::string text;
    const std::size_t length = random() % 200;
    for (std::size_t i = 0; i < length; ++i)
      text += random() % 3 == 0 ? hostile[random() % hostile.size()] : static_cast<char>(random() % 256);
    const std::string header = header_text(text);
    for (std::size_t at = header.find_first_of("\r\n"); at != std::string::npos;
         at = header.find_first_of("\r\n", at)) {
      REQUIRE(header.substr(at, 3) == "\r\n ");
      at += 3;
      REQUIRE(header.substr(at, 2) == "=?");
    }
    if (header != text) REQUIRE(decoded(header) == text);
    for (const char c : header) REQUIRE((c == '\r' || c == '\n' || (c >= 0x20 && c < 0x7f)));
  }
}

TEST_CASE("a mail's date is that of RFC 5322") {
  CHECK(mail_date(some_news().started) == "Sun, 22 Nov 2026 01:02:03 +0000");
  CHECK(mail_date(WallTime()) == "Thu, 01 Jan 1970 00:00:00 +0000");
}

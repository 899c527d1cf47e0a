#include "base/text.hpp"

#include <catch2/catch.hpp>

#include <random>

#include "base/utf8.hpp"

using namespace audit;

TEST_CASE("hostile bytes become visible text") {
  CHECK(visible("login: ") == "login: ");
  CHECK(visible(std::string_view("a\0b\x1b[31m\r\n", 10)) == "a\\x00b\\x1b[31m\\r\\n");
  CHECK(visible("\xff\xc3") == "\\xff\\xc3");
  CHECK(visible("caf\xc3\xa9") == "caf\xc3\xa9");
  CHECK(visible("\xe2\x80\xae"
                "exe.pdf") == "\\u{202e}exe.pdf");
  CHECK(visible("\xc2\x9b") == "\\u{9b}");
  CHECK(visible("\xef\xbf\xbd \xef\xbf\xbe \xf0\xaf\xbf\xbf") == "\xef\xbf\xbd \\u{fffe} \\u{2ffff}");
  CHECK(visible("C:\\") == "C:\\\\");
  CHECK(visible("abcdef", 4) == "abcd… (2 bytes more)");
  CHECK(visible("abcde", 4) == "abcd… (1 byte more)");
}

TEST_CASE("what is only blanks, controls, marks or broken bytes has nothing to see") {
  for (const char* unseen : {"", " \t\n", "\xc2\xa0", "\xe2\x80\x8b", "\xe2\xa0\x80", "\xcc\x81", "\xff", "\x1b"})
    CHECK_FALSE(has_visible(unseen));
  for (const char* seen : {"j.doe", "\xe2\x80\x8b.", "\xc3\xa9", "\xe6\x9d\x8e"}) CHECK(has_visible(seen));
}

TEST_CASE("text is plain where visible leaves its ASCII as it is, wherever another byte stands") {
  for (std::size_t size = 0; size < 20; ++size) {
    CHECK(is_plain_text(std::string(size, '~')));
    for (std::size_t place = 0; place < size; ++place) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string text(size, ' ');
        text[place] = static_cast<char>(byte);
        REQUIRE(is_plain_text(text) == (byte < 0x80 && visible(text) == text));
      }
    }
  }
}

TEST_CASE("visible text is printable UTF-8, and loses nothing") {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes(random() % 40, '\0');
    for (char& c : bytes) c = static_cast<char>(random() % 4 == 0 ? "\\xu{n}0\x80\xe2\xae"[random() % 10] : random());
    const std::string text = visible(bytes);
    REQUIRE(from_visible(text) == bytes);
    for (std::string_view rest = text; !rest.empty();) {
      const CodePoint point = decode_utf8(rest);
      REQUIRE(point.length > 0);
      REQUIRE(is_printable(point.code));
      rest.remove_prefix(point.length);
    }
  }
}

TEST_CASE("an escape that stands for no character stays as it is written") {
  for (const char* text :
       {"\\u{110000}", "\\u{d800}", "\\u{dfff}", "\\u{}", "\\u{0000041}", "\\u{41", "\\u41}", "\\x4g", "\\"})
    CHECK(from_visible(text) == text);
  CHECK(from_visible("\\u{10ffff}\\u{0}\\u{41}") == std::string("\xf4\x8f\xbf\xbf\0A", 6));
}

TEST_CASE("columns count what a terminal shows") {
  CHECK(columns("abc") == 3);
  CHECK(columns("日本") == 4);
  CHECK(columns("e\xcc\x81") == 1);
}

TEST_CASE("globs match whole texts, in linear time") {
  CHECK(glob_match("lab-*", "lab-7"));
  CHECK(glob_match("*", ""));
  CHECK(glob_match("a?c", "abc"));
  CHECK_FALSE(glob_match("lab-*", "xlab-7"));
  CHECK_FALSE(glob_match("a?c", "ac"));
  CHECK_FALSE(glob_match("*a*a*a*a*a*a*a*b", std::string(5000, 'a')));
}

TEST_CASE("the nearest word is suggested, and nothing far-fetched") {
  CHECK(nearest("adress", {"address", "groups"}) == "address");
  CHECK(nearest("nmae", {"name", "select"}) == "name");
  CHECK(nearest("x", {"a", "b"}).empty());
  CHECK(nearest("zzz", {"address", "groups"}).empty());
}

TEST_CASE("hex is read with blanks and refused when odd") {
  std::string bytes;
  CHECK(from_hex("0d 0a", bytes));
  CHECK(bytes == "\r\n");
  CHECK_FALSE(from_hex("0d0", bytes));
  CHECK_FALSE(from_hex("zz", bytes));
  CHECK(to_hex("\r\n") == "0d0a");
}

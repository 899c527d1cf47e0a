#include "report/shown.hpp"

#include <catch2/catch.hpp>

#include <limits>

#include "written.hpp"

using namespace audit;
using namespace audit::report;

TEST_CASE("a cut never ends inside a character, and says what it left out") {
  CHECK(shown("abcdef", 6) == "abcdef");
  CHECK(shown("abcdef", 4) == "abcd… (2 bytes more)");
  CHECK(shown("caf\xc3\xa9s", 4) == "caf… (3 bytes more)");
  CHECK(shown("\x80\x80\x80\x80\x80\x80", 4) == "\\x80\\x80\\x80\\x80… (2 bytes more)");
}

TEST_CASE("prose is one line whatever its source looked like") {
  CHECK(prose("  Telnet sends\n   credentials\tin clear.\n", 100) == "Telnet sends credentials in clear.");
  CHECK(prose("a\x1b[31mb", 100) == "a\\x1b[31mb");
  CHECK(prose("", 100).empty());
}

TEST_CASE("lines of a banner keep their line ends in sight") {
  CHECK(shown_lines("a\r\nb\n", 100) == "a\\r\\n\nb\\n");
  CHECK(shown_lines("C:\\n", 100) == "C:\\\\n");
  CHECK(shown_lines("ab\ncd\n", 4) == "ab\\n\nc… (2 bytes more)");
  CHECK(shown_lines("", 100).empty());
}

TEST_CASE("per cent are only whole when the count is") {
  CHECK(percent(0, 0) == "none");
  CHECK(percent(0, 7) == "0.0 %");
  CHECK(percent(7, 7) == "100 %");
  CHECK(percent(1, 3) == "33.3 %");
  CHECK(percent(99'999, 100'000) == "99.9 %");
  CHECK(percent(1, 100'000) == "0.1 %");
  CHECK(percent(std::numeric_limits<std::uint64_t>::max() - 1, std::numeric_limits<std::uint64_t>::max()) == "99.9 %");
  CHECK(percent(0.95) == "95 %");
  CHECK(percent(1.0) == "100 %");
}

TEST_CASE("numbers are grouped") {
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(1'234'567) == "1\u202f234\u202f567");
}

TEST_CASE("values are described in one line") {
  const Value value(Value::Object{{"a", Value::Array{1, "x\n", true}}, {"b", Value()}, {"c", 1.5}});
  CHECK(describe(value, 200) == "{a=[1, \"x\\n\", true], b=nothing, c=1.5}");
}

TEST_CASE("values too long, too wide or too deep are cut, and say so") {
  CHECK(describe(Value(std::string(1000, 'x')), 100).find("… (900 bytes more)") != std::string::npos);
  CHECK(describe(Value(Value::Array(500, Value(1))), 1000).find("… (488 more)") != std::string::npos);
  Value deep(1);
  for (int i = 0; i < 200; ++i) deep = Value(Value::Array{deep});
  CHECK(describe(deep, 1000) == "[[[[… (1 inside)]]]]");
  const std::string wide = describe(Value(Value::Array(12, Value(std::string(100'000, 'x')))), 100);
  CHECK(wide.size() < 600);
}

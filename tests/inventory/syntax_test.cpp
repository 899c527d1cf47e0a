#include "loading.hpp"

using namespace audit::inventory;
using namespace std::string_view_literals;

namespace {

std::string mistake_of(std::string_view text) {
  const Lines lines = mistakes_of(text);
  REQUIRE(lines.size() == 1);
  return lines[0];
}

std::string repeated(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

}  // namespace

TEST_CASE("a value without quotes is told with its quotes") {
  CHECK(mistake_of("[[targets]]\naddress = 10.0.0.0/24\n") ==
        "2:11: 10.0.0.0/24 has to stand in quotes: \"10.0.0.0/24\"");
  CHECK(mistake_of("scope.exclude = [ 10.0.0.1, \"b\" ]") == "1:19: 10.0.0.1 has to stand in quotes: \"10.0.0.1\"");
  CHECK(mistake_of("address = 2001:db8::1") == "1:11: 2001:db8::1 has to stand in quotes: \"2001:db8::1\"");
  CHECK(mistake_of("[limits]\ngap = 2s") == "2:7: 2s has to stand in quotes: \"2s\"");
  CHECK(mistake_of("address = sw-1.example.net # core") ==
        "1:11: sw-1.example.net has to stand in quotes: \"sw-1.example.net\"");
  CHECK(mistake_of("never = [tcp/22]") == "1:10: tcp/22 has to stand in quotes: \"tcp/22\"");
  CHECK(mistake_of("assume_up = yes") ==
        "1:13: yes is not true or false; write one of these, small and without quotes");
}

TEST_CASE("a key or table that is written twice is told at the second") {
  CHECK(mistake_of("[audit]\nname = \"a\"\n  name = \"b\"\n") == "3:3: name is written twice; keep one of them");
  CHECK(mistake_of("[groups.a]\n[groups.b]\n[groups.a]\n") == "3:1: groups.a is written twice; keep one of them");
  CHECK(mistake_of("[[targets]]\n[targets]\n") ==
        "2:1: targets is written both as [targets] and as [[targets]]; use one of them throughout");
  CHECK(mistake_of("a.b = 1\na.b.c = 2") ==
        "2:3: a part of this key has a value already, so nothing can be put below it; rename one of them");
}

TEST_CASE("what is not closed is told") {
  CHECK(mistake_of("name = \"x\nb = 1") == "1:10: this text is not closed on its line; end it with its quotes");
  CHECK(mistake_of("name = \"x") == "1:10: this text is never closed; end it with its quotes");
  CHECK(mistake_of("a = [1,\n2") == "2:2: this list is never closed; end it with ]");
  CHECK(mistake_of("a = {x = 1") == "1:11: this table is never closed; end it with } on the same line");
  CHECK(mistake_of("a = {x = 1,\ny = 2}") == "1:12: a table in braces has to stand on one line");
  CHECK(mistake_of("[[targets]\naddress = 1") == "1:11: this header is never closed; end it with ] or ]]");
  CHECK(mistake_of("address") == "1:8: this key has no value; write KEY = VALUE");
}

TEST_CASE("lines that are no TOML are told what a line is") {
  CHECK(mistake_of("= 1") ==
        "1:1: this is not TOML: a line is KEY = VALUE, [TABLE], [[TABLE]] or a # comment (saw '=')");
  CHECK(mistake_of("root:x:0:0\n") == "1:5: a key is followed by = and its value (expected '=', saw ':')");
  CHECK(mistake_of("a = 1 b = 2").find("1:7: nothing but a comment may follow here") == 0);
  CHECK(mistake_of("a = 01").find("this is not TOML: in a decimal integer, leading zeroes are prohibited") !=
        std::string::npos);
  CHECK(mistake_of("a = \"\x01\"") == "1:6: text cannot hold control characters as they are; write them as \\uNNNN");
}

TEST_CASE("columns count characters, not bytes") { CHECK(mistake_of("a = \"größe\" x").find("1:13: ") == 0); }

TEST_CASE("an empty file is a mistake") {
  const std::string what =
      "1:1: the file is empty; an inventory has at least [[targets]] and below it address = \"10.0.0.0/24\"";
  CHECK(mistake_of("") == what);
  CHECK(mistake_of(" \r\n\t\n") == what);
}

TEST_CASE("bytes that are not UTF-8 are told by place and value") {
  CHECK(mistake_of("a = 1\nb = \"\xc3\xa9\xff\"\n") ==
        "2:7: the byte 0xff is not UTF-8; save the file as UTF-8, and see that it is an inventory");
  CHECK(mistake_of("\xff\xfe[\0"sv.substr(0, 3)) == "1:1: this file is UTF-16; save it as UTF-8");
  CHECK(mistake_of("\x1f\x8b\x08") ==
        "1:2: the byte 0x8b is not UTF-8; save the file as UTF-8, and see that it is an inventory");
  CHECK(mistake_of("a = \"\xed\xa0\x80\"").find("1:6: the byte 0xed is not UTF-8") == 0);
}

TEST_CASE("a dotted key of 50,000 parts is refused before it is parsed") {
  const std::string what = "this key has more than 32 parts";
  CHECK(mistake_of(repeated("a.", 50'000) + "b = 1\n") == "1:64: " + what);
  CHECK(mistake_of("[" + repeated("a.", 50'000) + "b]\n") == "1:65: " + what);
  CHECK(mistake_of("x = { " + repeated("\"a\" . ", 50'000) + "b = 1 }").find(what) != std::string::npos);
  CHECK(mistake_of("# \"\nx = '''\n'\n''''' # '\n" + repeated("a.", 50'000) + "b = 1\n") == "5:64: " + what);
}

TEST_CASE("nesting thousands deep is refused before it is parsed") {
  const std::string what = "brackets are nested more than 32 deep here";
  CHECK(mistake_of("a = " + repeated("[", 5'000)) == "1:37: " + what);
  CHECK(mistake_of("a = " + repeated("[\n", 5'000)) == "33:1: " + what);
  CHECK(mistake_of("a = " + repeated("{a=", 5'000)).find(what) != std::string::npos);
}

TEST_CASE("brackets and dots inside texts and comments are no nesting") {
  const std::string deep = repeated("[.", 5'000);
  CHECK(mistakes_of("# " + deep + "\nx1 = \"" + deep + "\\\" " + deep + "\"\nx2 = '" + deep + "'\nx3 = \"\"\"" + deep +
                    "\n\" \\\"\"\" " + deep + "\"\"\"\"\"\nx4 = '''" + deep + "\n''" + deep + "'''''\n")
            .size() == 5);  // four unknown keys and no targets
}

TEST_CASE("a line longer than a mebibyte is refused") {
  CHECK(mistake_of("a = 1\nb = \"" + std::string(1'100'000, 'x') + "\"\n") ==
        "2:1: this line is longer than 1048576 bytes; break it into several lines");
}

TEST_CASE("more dotted keys than toml++ parses in reasonable time are refused") {
  CHECK(mistake_of(repeated("a.b = 1\n", 250'001)).find("250001:2: there are more than 250000 dotted keys") == 0);
}

TEST_CASE("more values than memory should hold are refused") {
  CHECK(
      mistake_of("a = [\n" + repeated("1,\n", 4'000'001) + "]").find("4000000:2: there are more than 4000000 values") ==
      0);
}

TEST_CASE("a bare word is told what was meant: a date, a truth, straight quotes") {
  CHECK(mistake_of("expires = 31.01.2027\n") ==
        "1:11: 31.01.2027 is no date of TOML; write year-month-day without quotes: 2027-01-31");
  CHECK(mistake_of("assume_up = True\n") ==
        "1:13: True is not true or false; write one of these, small and without quotes");
  CHECK(mistake_of("address = \u201c10.0.0.1\u201d\n") ==
        "1:11: these are typographic quotes; TOML takes straight ones: \"");
}

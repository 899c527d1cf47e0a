#include "proto/ssh_wire.hpp"

#include <catch2/catch.hpp>

using namespace audit::proto;
using namespace std::string_view_literals;

TEST_CASE("SSH data types are read one after the other") {
  SshCursor cursor(
      "\x01\x00\x00\x00\x02\x00\x00\x00\x03"
      "abc\x00\x00\x00\x01\x00\x00\x00\x02zz"sv);
  CHECK(cursor.byte() == 1);
  CHECK(cursor.number() == 2);
  CHECK(cursor.string() == "abc");
  CHECK(cursor.number64() == 0x1'0000'0002);
  CHECK_FALSE(cursor.ended());
  CHECK(cursor.rest() == "zz");
  CHECK(cursor.raw(2) == "zz");
  CHECK(cursor.ended());
}

TEST_CASE("behind an SSH field that does not fit nothing is read") {
  SshCursor cursor(
      "\x00\x00\x00\x04"
      "abc\x00"sv.substr(0, 7));
  CHECK(cursor.string().empty());
  CHECK_FALSE(cursor.good());
  CHECK(cursor.byte() == 0);
  CHECK_FALSE(cursor.ended());
  SshCursor huge(
      "\xff\xff\xff\xff"
      "abc");
  CHECK(huge.string().empty());
  CHECK_FALSE(huge.good());
  SshCursor empty("");
  CHECK(empty.ended());
  CHECK(empty.number() == 0);
  CHECK_FALSE(empty.good());
}

TEST_CASE("an SSH mpint has no sign and no needless zero") {
  const auto read = [](std::string_view content) {
    std::string bytes;
    put_ssh_string(bytes, content);
    SshCursor cursor(bytes);
    const std::string magnitude(cursor.magnitude());
    return cursor.good() ? magnitude : "none";
  };
  CHECK(read("\x7f") == "\x7f");
  CHECK(read("\x00\xff"sv) == "\xff");
  CHECK(read("\x00\x00\x01\x00"sv) == "\x01\x00"sv);
  CHECK(read("\xff") == "none");
  CHECK(read("") == "none");
  CHECK(read("\x00\x00"sv) == "none");
  CHECK(ssh_mpint("\xff") == "\x00\xff"sv);
  CHECK(ssh_mpint("\x00\x00\x7f"sv) == "\x7f");
  CHECK(ssh_mpint("\x00"sv).empty());
  CHECK(magnitude_bits("") == 0);
  CHECK(magnitude_bits("\x01") == 1);
  CHECK(magnitude_bits("\x01\x00"sv) == 9);
  CHECK(magnitude_bits("\xff\xff") == 16);
}

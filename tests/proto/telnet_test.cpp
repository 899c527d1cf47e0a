#include "proto/telnet.hpp"

#include <catch2/catch.hpp>

#include <random>

using namespace audit::proto;
using namespace std::string_literals;
using Options = std::vector<std::string>;

TEST_CASE("a telnet banner is readable, and its negotiation is named") {
  const TelnetText telnet = read_telnet("\xff\xfd\x18\xff\xfb\x01\xff\xfb\x03\r\nlogin: "s);
  CHECK(telnet.text == "\r\nlogin: ");
  CHECK(telnet.options == Options{"DO TERMINAL-TYPE", "WILL ECHO", "WILL SGA"});
  CHECK(telnet.negotiated);
}

TEST_CASE("a banner without commands is text, and nothing was negotiated") {
  const TelnetText telnet = read_telnet("220 smtp.example ESMTP\r\n");
  CHECK(telnet.text == "220 smtp.example ESMTP\r\n");
  CHECK(telnet.options.empty());
  CHECK_FALSE(telnet.negotiated);
}

TEST_CASE("subnegotiations, doubled IACs and plain commands are taken out") {
  CHECK(read_telnet("a\xff\xfa\x18\x01 x\xff\xff y\xff\xf0"
                    "b"s)
            .text == "ab");
  CHECK(read_telnet("a\xff\xfa\x18\x01\xff\xf0"
                    "b"s)
            .options == Options{"SB TERMINAL-TYPE"});
  CHECK(read_telnet("a\xff\xff"
                    "b"s)
            .text ==
        "a\xff"
        "b");
  CHECK_FALSE(read_telnet("a\xff\xff"
                          "b"s)
                  .negotiated);
  CHECK(read_telnet("\xff\xf6\xff\xf1"s).options == Options{"AYT", "NOP"});
  CHECK(read_telnet("\xff\xfd\xc8\xff\x01"s).options == Options{"DO 200", "IAC 1"});
  CHECK(read_telnet("a\r\0b\r\n\0"s).text == "a\rb\r\n\0"s);
}

TEST_CASE("a command that is cut at the end is left out") {
  CHECK(read_telnet("a\xff"s).text == "a");
  CHECK(read_telnet("a\xff\xfd"s).text == "a");
  CHECK(read_telnet("a\xff\xfa\x18\x01 no end"s).text == "a");
  CHECK_FALSE(read_telnet("a\xff\xfd"s).negotiated);
}

TEST_CASE("however often a command comes, it is named once") {
  std::string bytes;
  for (int i = 0; i < 20000; ++i) bytes += "\xff\xfd\x01";
  CHECK(read_telnet(bytes).options.size() == 1);
}

TEST_CASE("any bytes are read, and a longer banner says no less") {
  std::mt19937 random(13);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes(random() % 60, '\0');
    for (char& c : bytes) c = static_cast<char>(random() % 3 == 0 ? 240 + random() % 16 : random());
    const TelnetText whole = read_telnet(bytes);
    REQUIRE(whole.text.size() <= bytes.size());
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
      const TelnetText part = read_telnet(std::string_view(bytes).substr(0, cut));
      REQUIRE(whole.text.starts_with(part.text));
      REQUIRE(part.options.size() <= whole.options.size());
    }
  }
}

#include "proto/dns_name.hpp"

#include <catch2/catch.hpp>

#include <random>

using namespace audit;
using namespace audit::proto;
using namespace std::string_literals;

namespace {

std::string text_of(std::string_view wire) {
  std::string text;
  append_name(text, wire);
  return text;
}

std::string again(std::string_view name) {
  auto wire = name_to_wire(name);
  return wire ? text_of(*wire) : "<" + wire.error().message + ">";
}

/// The name at `offset` of a message, or what is wrong with it.
std::string read_at(std::string_view message, std::size_t offset) {
  std::string wire;
  const NameRead read = read_name(message, offset, message.size(), wire);
  return read == NameRead::ok ? text_of(wire) : read == NameRead::cut ? "cut" : "malformed";
}

const std::string header(12, '\0');

}  // namespace

TEST_CASE("a name is written with a dot at its end, whether it came with one or not") {
  CHECK(again("host.example") == "host.example.");
  CHECK(again("host.example.") == "host.example.");
  CHECK(again("_sip._tcp.example") == "_sip._tcp.example.");
  CHECK(again(".") == ".");
}

TEST_CASE("hostile bytes of a name are written as RFC 1035 escapes, and read back") {
  CHECK(text_of("\x05"
                "a.b\\c\x03"
                "\x1b \n\0"s) == "a\\.b\\\\c.\\027\\032\\010.");
  CHECK(again("a\\.b\\\\c.\\027\\032.") == "a\\.b\\\\c.\\027\\032.");
  CHECK(text_of("\x01\xff\0"s) == "\\255.");
  CHECK(text_of("\x01\0\0"s) == "\\000.");
}

TEST_CASE("names that cannot be are refused with a text") {
  CHECK(name_to_wire("").error().message.find("empty") != std::string::npos);
  CHECK(name_to_wire("a..b").error().message.find("label is empty") != std::string::npos);
  CHECK(name_to_wire(".a").error().message.find("label is empty") != std::string::npos);
  CHECK(name_to_wire("..").error().message.find("label is empty") != std::string::npos);
  CHECK(name_to_wire(std::string(64, 'a')).error().message.find("63 bytes") != std::string::npos);
  CHECK(name_to_wire("a\\256").error().message.find("escape") != std::string::npos);
  CHECK(name_to_wire("a\\").error().message.find("escape") != std::string::npos);
  CHECK(name_to_wire("a b").error().message.find("printable ASCII") != std::string::npos);
  CHECK(name_to_wire("b\xc3\xbc"
                     "cher.example")
            .error()
            .message.find("xn--") != std::string::npos);
  CHECK(name_to_wire("\x1b[31m").error().message.find("\\x1b[31m") != std::string::npos);
}

TEST_CASE("a label has 63 bytes and a name 255, and no more") {
  CHECK(name_to_wire(std::string(63, 'a')).ok());
  const std::string label = std::string(63, 'a') + ".";
  const std::string longest = label + label + label + std::string(61, 'b');
  CHECK(name_to_wire(longest)->size() == 255);
  CHECK(name_to_wire(longest + ".")->size() == 255);
  CHECK_FALSE(name_to_wire(longest + "b").ok());
  CHECK_FALSE(name_to_wire(longest + ".b").ok());
}

TEST_CASE("compressed names are followed backwards") {
  const std::string message = header +
                              "\x07"
                              "example\0"s +
                              "\x04"
                              "host\xc0\x0c" +
                              "\xc0\x15"s;
  CHECK(read_at(message, 12) == "example.");
  CHECK(read_at(message, 21) == "host.example.");
  CHECK(read_at(message, 28) == "host.example.");
}

TEST_CASE("compression that loops, leads forwards or into the header is malformed") {
  CHECK(read_at(header + "\xc0\x0c", 12) == "malformed");          // to itself
  CHECK(read_at(header + "\xc0\x0e\xc0\x0c", 12) == "malformed");  // forwards, and back
  CHECK(read_at(header + "\x01"
                         "a\xc0\x0c",
                12) == "malformed");  // to the start of its own labels
  CHECK(read_at(header + "\x01"
                         "a\xc0\x0c\xc0\x0c",
                16) == "malformed");
  CHECK(read_at(header + "\xc0\x00"s, 12) == "malformed");
  CHECK(read_at(header + "\x40"
                         "a\0"s,
                12) == "malformed");  // extended label type
  CHECK(read_at(header + "\x80"
                         "a\0"s,
                12) == "malformed");
}

TEST_CASE("a name that the message cuts off is said to be cut") {
  const std::string message = header +
                              "\x04"
                              "host\x07"
                              "example\0"s;
  for (std::size_t size = 12; size < message.size(); ++size) {
    CHECK(read_at(message.substr(0, size), 12) == "cut");
    std::size_t offset = 12;
    CHECK(skip_name(message.substr(0, size), offset) == NameRead::cut);
  }
  CHECK(read_at(message, 12) == "host.example.");
}

TEST_CASE("a name of more than 255 bytes is malformed, also where pointers make it so") {
  std::string message = header;
  for (int i = 0; i < 4; ++i) message += "\x3f" + std::string(63, 'a');
  CHECK(read_at(message + '\0', 12) == "malformed");
  message = header + "\x3f" + std::string(63, 'a') + '\0';
  for (int i = 0; i < 4; ++i) {
    const std::size_t previous = i == 0 ? 12 : message.size() - 66;
    message +=
        "\x3f" + std::string(63, 'b') + static_cast<char>(0xc0 | previous >> 8) + static_cast<char>(previous & 0xff);
  }
  CHECK(read_at(message, message.size() - 66) == "malformed");
}

TEST_CASE("any bytes survive the way to text and back") {
  std::mt19937 random(11);
  for (int round = 0; round < 2000; ++round) {
    std::string wire;
    for (auto labels = random() % 6; labels > 0; --labels) {
      const std::size_t size = 1 + random() % 40;
      wire += static_cast<char>(size);
      for (std::size_t i = 0; i < size; ++i) wire += static_cast<char>(random());
    }
    wire += '\0';
    const auto back = name_to_wire(text_of(wire));
    REQUIRE(back.ok());
    REQUIRE(*back == wire);
  }
}

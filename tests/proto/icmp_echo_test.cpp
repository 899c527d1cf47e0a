#include "proto/icmp_echo.hpp"

#include <catch2/catch.hpp>

#include "proto/wire.hpp"

using namespace audit;
using namespace audit::proto;

namespace {

/// What the peer makes of a request: the same with another type, and a checksum that fits.
std::string reply_to(Family family, std::string message) {
  message[0] = static_cast<char>(family == Family::v4 ? 0 : 129);
  message[2] = message[3] = '\0';
  if (family == Family::v6) return message;
  const std::uint16_t sum = internet_checksum(message);
  message[2] = static_cast<char>(sum >> 8U);
  message[3] = static_cast<char>(sum & 0xffU);
  return message;
}

std::string ipv4(std::string_view carried, std::size_t options = 0, std::uint8_t protocol = 1) {
  std::string packet(20 + options, '\0');
  packet[0] = static_cast<char>(0x40 | (packet.size() / 4));
  const std::size_t total = packet.size() + carried.size();
  packet[2] = static_cast<char>(total >> 8U);
  packet[3] = static_cast<char>(total & 0xffU);
  packet[9] = static_cast<char>(protocol);
  return packet + std::string(carried);
}

}  // namespace

TEST_CASE("the checksum is that of RFC 1071, of odd lengths too") {
  const std::string example("\x00\x01\xf2\x03\xf4\xf5\xf6\xf7", 8);  // RFC 1071 3: the sum is ddf2
  CHECK(internet_checksum(example) == 0xffff - 0xddf2);
  CHECK(internet_checksum("") == 0xffff);
  CHECK(internet_checksum(std::string("\x12", 1)) == 0xffff - 0x1200);
  CHECK(internet_checksum(std::string(70'000, '\xff')) == 0);
}

TEST_CASE("a request carries its id, sequence and payload, and is read back") {
  for (const Family family : {Family::v4, Family::v6}) {
    for (const std::string& payload : {std::string(), std::string("odd"), std::string(1'400, '\x5a')}) {
      const std::string bytes = write_echo_request(family, 0xbeef, 0x0102, payload);
      REQUIRE(bytes.size() == 8 + payload.size());
      CHECK(get8(bytes, 0) == (family == Family::v4 ? 8 : 128));
      if (family == Family::v4) CHECK(internet_checksum(bytes) == 0);
      const auto read = read_echo(family, bytes, family == Family::v4 ? Checksum::tested : Checksum::trusted);
      REQUIRE(read);
      CHECK_FALSE(read->reply);
      CHECK(read->id == 0xbeef);
      CHECK(read->sequence == 0x0102);
      CHECK(read->payload == payload);
    }
  }
}

TEST_CASE("a reply is told from a request, and a broken one is none") {
  const std::string request = write_echo_request(Family::v4, 7, 9, "payload");
  const std::string reply = reply_to(Family::v4, request);
  const auto read = read_echo(Family::v4, reply, Checksum::tested);
  REQUIRE(read);
  CHECK(read->reply);
  CHECK(read->payload == "payload");
  for (std::size_t at = 0; at < reply.size(); ++at) {
    INFO("byte " << at);
    std::string broken = reply;
    broken[at] = static_cast<char>(broken[at] ^ 0x40);
    CHECK_FALSE(read_echo(Family::v4, broken, Checksum::tested));
  }
  for (std::size_t length = 0; length < reply.size(); ++length)
    CHECK_FALSE(read_echo(Family::v4, reply.substr(0, length), Checksum::tested));
}

TEST_CASE("other messages of ICMP are no echo") {
  std::string other(64, '\0');
  for (int type = 0; type < 256; ++type) {
    other[0] = static_cast<char>(type);
    CHECK(read_echo(Family::v4, other, Checksum::trusted).has_value() == (type == 0 || type == 8));
    CHECK(read_echo(Family::v6, other, Checksum::trusted).has_value() == (type == 128 || type == 129));
  }
  other[0] = 8;
  other[1] = 1;  // a code that echo does not have
  CHECK_FALSE(read_echo(Family::v4, other, Checksum::trusted));
}

TEST_CASE("the start of a request is read as an ICMP error quotes it") {
  const std::string request = write_echo_request(Family::v4, 7, 9, std::string(56, 'x'));
  const auto quoted = read_echo(Family::v4, request.substr(0, 8), Checksum::trusted);  // RFC 792: 64 bits of it
  REQUIRE(quoted);
  CHECK(quoted->sequence == 9);
  CHECK(quoted->payload.empty());
}

TEST_CASE("an IPv4 header is taken off, options too, and what is behind the packet's end") {
  for (const std::size_t options : {0, 4, 40}) {
    const std::string packet = ipv4("carried", options);
    CHECK(strip_ipv4_header(packet) == "carried");
    CHECK(strip_ipv4_header(packet + "padding") == "carried");
    for (std::size_t length = 0; length < packet.size(); ++length)
      CHECK_FALSE(strip_ipv4_header(packet.substr(0, length)));
  }
}

TEST_CASE("a header that lies, a fragment and another protocol carry no ICMP") {
  CHECK_FALSE(strip_ipv4_header(ipv4("carried", 0, 17)));
  std::string packet = ipv4("carried");
  packet[0] = 0x44;  // sixteen bytes of header
  CHECK_FALSE(strip_ipv4_header(packet));
  packet = ipv4("carried");
  packet[0] = 0x65;
  CHECK_FALSE(strip_ipv4_header(packet));
  packet = ipv4("carried");
  packet[2] = 0;
  packet[3] = 19;  // shorter than its header
  CHECK_FALSE(strip_ipv4_header(packet));
  packet = ipv4("carried");
  packet[6] = 0x20;  // more fragments
  CHECK_FALSE(strip_ipv4_header(packet));
  packet[6] = 0x40;  // do not fragment
  CHECK(strip_ipv4_header(packet));
}

#include "proto/ssh_packet.hpp"

#include <catch2/catch.hpp>

#include <random>

#include <fmt/format.h>

#include "proto/ssh_wire.hpp"
#include "splits.hpp"

using namespace audit;
using namespace audit::proto;
using Step = SshPacketReader::Step;

namespace {

std::string say(SshPacketReader& reader) {
  const Step step = reader.feed("");
  if (step == Step::need_more) return "need more";
  if (step == Step::failed) return fmt::format("{}: {}", name_of(reader.error().reason), reader.error().message);
  return fmt::format("payload {}", reader.payload());
}

/// The outcome of `bytes`, after it is seen to be the same for every split of them.
std::string read(std::string_view bytes) {
  if (bytes.size() < 3000)
    if (std::string differing = test::differing_split(
            bytes, [] { return SshPacketReader(); }, say);
        !differing.empty())
      return differing;
  SshPacketReader reader;
  reader.feed(bytes);
  return say(reader);
}

std::string packet(std::uint32_t length, std::uint8_t padding, std::size_t behind = 64) {
  std::string bytes;
  put_ssh_number(bytes, length);
  bytes += static_cast<char>(padding);
  return bytes + std::string(behind, 'x');
}

}  // namespace

TEST_CASE("an SSH packet is what was put into it, whatever its size") {
  for (std::size_t size = 1; size < 40; ++size) {
    const std::string payload(size, 'p');
    const std::string bytes = encode_ssh_packet(payload);
    CHECK(bytes.size() % 8 == 0);
    CHECK(static_cast<std::uint8_t>(bytes[4]) >= 4);
    CHECK(read(bytes) == "payload " + payload);
  }
}

TEST_CASE("one SSH packet is read at a time, and what follows is left alone") {
  const std::string bytes = encode_ssh_packet("one") + encode_ssh_packet("two");
  SshPacketReader reader;
  CHECK(reader.feed(bytes) == Step::packet);
  CHECK(reader.payload() == "one");
  CHECK(reader.taken() == bytes.size() / 2);
  CHECK(reader.feed("more") == Step::packet);
  CHECK(reader.taken() == 0);
  reader.next();
  CHECK(reader.feed(std::string_view(bytes).substr(bytes.size() / 2)) == Step::packet);
  CHECK(reader.payload() == "two");
}

TEST_CASE("an SSH packet of a wrong length is refused before it is read") {
  CHECK(read(packet(34'997, 4)) == "protocol_error: an SSH packet of 34997 bytes, where 34996 are the most");
  CHECK(read(packet(0xffffffff, 4)).starts_with("protocol_error: an SSH packet of 4294967295 bytes"));
  CHECK(read(packet(34'988, 4)) == "need more");
  CHECK(read(packet(13, 4)).find("not a multiple of 8") != std::string::npos);
  CHECK(read(packet(4, 4)).find("not a multiple of 8") != std::string::npos);
  CHECK(read(packet(0, 0)).starts_with("protocol_error"));
  CHECK(read("HTTP/1.1 400 Bad Request\r\n").starts_with("protocol_error: an SSH packet of 1213486160 bytes"));
}

TEST_CASE("an SSH packet's padding has at least 4 bytes and leaves room for a message") {
  CHECK(read(packet(12, 3)).find("3 bytes of padding, where 4 are the least") != std::string::npos);
  CHECK(read(packet(12, 11)).find("no room for a message") != std::string::npos);
  CHECK(read(packet(12, 255)).find("no room for a message") != std::string::npos);
  CHECK(read(packet(12, 10)) == "payload x");
}

TEST_CASE("a server that closes within an SSH packet is an eof") {
  SshPacketReader reader;
  reader.feed(std::string_view("\0\0", 2));
  CHECK(reader.end() == Step::failed);
  CHECK(reader.error().reason == Reason::eof);
  CHECK(reader.error().message == "the server closed the connection within an SSH packet");
  SshPacketReader idle;
  CHECK(idle.end() == Step::failed);
  CHECK(idle.error().message == "the server closed the connection between two SSH packets");
}

TEST_CASE("a mutated SSH packet is read the same for every split") {
  const std::string honest = encode_ssh_packet("an honest message") + "rest";
  std::mt19937 random(9);
  for (int round = 0; round < 5000; ++round) {
    std::string bytes = honest;
    bytes[random() % 6] = static_cast<char>(random());
    const std::string outcome = read(bytes);
    INFO(outcome);
    const bool differing = outcome.starts_with("cut at") || outcome.starts_with("byte by byte");
    REQUIRE_FALSE(differing);
  }
}

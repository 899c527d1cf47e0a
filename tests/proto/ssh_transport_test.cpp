#include "proto/ssh_transport.hpp"

#include <catch2/catch.hpp>

#include <fmt/format.h>

#include "proto/ssh_wire.hpp"
#include "splits.hpp"

using namespace audit;
using namespace audit::proto;
using Step = SshTransportReader::Step;

namespace {

/// Reads all there is and says what it was.
struct Listener {
  SshTransportReader reader;
  std::string heard;

  void feed(std::string_view bytes) { follow(reader.feed(bytes)); }
  void follow(Step step) {
    for (; step == Step::ident || step == Step::message; step = reader.next())
      heard += step == Step::ident ? fmt::format("<{}>", reader.ident_reader().ident().line)
                                   : fmt::format("({})", reader.payload());
    if (step == Step::failed && !heard.ends_with("!"))
      heard += fmt::format("{}: {}!", name_of(reader.error().reason), reader.error().message);
  }
};

std::string read(std::string_view bytes) {
  if (bytes.size() < 3000)
    if (std::string differing = test::differing_split(
            bytes, [] { return Listener(); }, [](const Listener& listener) { return listener.heard; });
        !differing.empty())
      return differing;
  Listener listener;
  listener.feed(bytes);
  return listener.heard;
}

std::string disconnect(std::string_view text) {
  std::string payload("\x01\x00\x00\x00\x0c", 5);
  put_ssh_string(payload, text);
  put_ssh_string(payload, "");
  return encode_ssh_packet(payload);
}

}  // namespace

TEST_CASE("an SSH server's identification and messages come one after the other") {
  CHECK(read("hi\r\nSSH-2.0-x\r\n" + encode_ssh_packet("one") + encode_ssh_packet("two")) == "<SSH-2.0-x>(one)(two)");
}

TEST_CASE("messages that mean nothing are passed over") {
  CHECK(read("SSH-2.0-x\r\n" + encode_ssh_packet("\x02ignored") +
             encode_ssh_packet("\x04"
                               "debug") +
             encode_ssh_packet(std::string("\x03\x00\x00\x00\x01", 5)) + encode_ssh_packet("one")) ==
        "<SSH-2.0-x>(one)");
}

TEST_CASE("a server that disconnects is heard out, and its words are made safe") {
  CHECK(read("SSH-2.0-x\r\n" + disconnect("too many\x1b[31m") + encode_ssh_packet("one")) ==
        "<SSH-2.0-x>eof: the server disconnected with reason 12: too many\\x1b[31m!");
  CHECK(read("SSH-2.0-x\r\n" + encode_ssh_packet("\x01")) ==
        "<SSH-2.0-x>eof: the server disconnected, in a message that does not hold its reason!");
  CHECK(read("SSH-2.0-x\r\n" + disconnect(std::string(30'000, 'x'))).size() < 400);
}

TEST_CASE("what breaks its part breaks the whole") {
  CHECK(read("SSH-2.0\r\n").starts_with("protocol_error: the SSH identification has no"));
  CHECK(read("SSH-2.0-x\r\nThis is no packet").starts_with("<SSH-2.0-x>protocol_error: an SSH packet of "));
}

TEST_CASE("a server that speaks for ever costs its caps") {
  Listener listener;
  listener.feed("SSH-2.0-x\r\n");
  for (int i = 0; i < 128; ++i) listener.feed(encode_ssh_packet("\x02"));
  CHECK(listener.heard == "<SSH-2.0-x>");
  listener.feed(encode_ssh_packet("\x02"));
  CHECK(listener.heard == "<SSH-2.0-x>protocol_error: more than 128 messages before the key exchange ended!");
  Listener large;
  large.feed("SSH-2.0-x\r\n");
  for (int i = 0; i < 16; ++i) large.feed(encode_ssh_packet("\x02" + std::string(34'900, 'x')));
  CHECK(large.heard == "<SSH-2.0-x>protocol_error: more than 512 KiB before the key exchange ended!");
}

TEST_CASE("a server that closes is an eof that says where") {
  const auto closed_after = [](std::string_view bytes) {
    Listener listener;
    listener.feed(bytes);
    listener.follow(listener.reader.end());
    return listener.heard;
  };
  CHECK(closed_after("") == "eof: the server closed the connection without an SSH identification!");
  CHECK(closed_after("Exceeded MaxStartups\r\n") ==
        "eof: the server closed the connection after 22 bytes without an SSH identification!");
  CHECK(closed_after("SSH-2.0-x\r\n") == "<SSH-2.0-x>eof: the server closed the connection between two SSH packets!");
  CHECK(closed_after("SSH-2.0-x\r\nabc") == "<SSH-2.0-x>eof: the server closed the connection within an SSH packet!");
}

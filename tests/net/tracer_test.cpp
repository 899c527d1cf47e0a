#include "net/tracer.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

#include "net/scripted_world.hpp"
#include "playing.hpp"

using namespace audit;
using namespace audit::net;
using namespace audit::test;

namespace {

struct Traced : Stage {
  explicit Traced(Tracer::Detail detail) : tracer(detail, [this](const std::string& lines) { written += lines; }) {
    tracer.hide("swordfish");
    world.trace(tracer);
  }
  /// Says `words` to port 22, reads what comes to its end, and closes.
  void talk(std::string words) {
    auto task = [&]() -> awaitable<void> {
      Result<std::unique_ptr<Stream>> stream = co_await world.connect(tcp("10.0.0.1", 22), permit, in(5s));
      if (!stream) co_return;
      if (!words.empty()) {
        const Result<void> said = co_await (*stream)->write(words, in(5s));
        CHECK(said);
      }
      char buffer[64];
      const std::span<char> room(buffer);
      for (bool more = true; more;) {
        const Result<std::size_t> got = co_await (*stream)->read_some(room, in(5s));
        more = got.ok();
      }
    };
    play(world, task);
  }
  [[nodiscard]] std::ptrdiff_t lines() const { return std::count(written.begin(), written.end(), '\n'); }
  [[nodiscard]] bool says(std::string_view text) const { return written.find(text) != std::string::npos; }

  std::string written;
  Tracer tracer;
};

}  // namespace

TEST_CASE("a traced conversation is one line, with its times, its bytes and its end") {
  Traced traced(Tracer::Detail::lines);
  traced.peer(22, {ScriptStep::expect("hello"), ScriptStep::say("welcome\n", 7ms), ScriptStep::end()});
  traced.talk("hello");
  INFO(traced.written);
  CHECK(traced.lines() == 1);
  CHECK(traced.says("stream   tcp/10.0.0.1:22 open after 1.00 ms, sent 5 B, received 8 B, eof, 8.00 ms in all"));
}

TEST_CASE("a connection that fails is one line too") {
  Traced traced(Tracer::Detail::lines);
  ScriptedPort closed;
  closed.event = PortEvent::closed;
  traced.world.port(tcp("10.0.0.1", 22), closed);
  traced.talk("");
  CHECK(traced.lines() == 1);
  CHECK(traced.says("tcp/10.0.0.1:22 refused after 1.00 ms"));
}

TEST_CASE("port probes and datagrams are a line each; what the permit forbids is none, for nothing was sent") {
  struct Sink final : PortSink {
    void answered(std::uint32_t /*token*/, const PortAnswer& answer) override { seen.push_back(answer.event); }
    std::vector<PortEvent> seen;
  } sink;
  Traced traced(Tracer::Detail::lines);
  traced.peer(22, {});
  traced.world.datagrams(udp("10.0.0.1", 53), [](std::string_view) { return "pong"; });
  auto task = [&]() -> awaitable<void> {
    traced.world.probe_port(sink, 1, tcp("10.0.0.1", 22), traced.permit, traced.in(1s));
    traced.world.probe_port(sink, 2, tcp("10.0.0.2", 22), traced.permit, traced.in(1s));
    Result<std::unique_ptr<Datagram>> socket =
        co_await traced.world.open_datagram(udp("10.0.0.1", 53), traced.permit, traced.in(1s));
    REQUIRE(socket);
    CHECK((*socket)->send("ping!"));
    const Result<DatagramReply> reply = co_await (*socket)->receive(traced.in(1s));
    REQUIRE(reply);
    CHECK(reply->bytes == "pong");
  };
  play(traced.world, task);
  CHECK(sink.seen == std::vector<PortEvent>{PortEvent::forbidden, PortEvent::open});
  CHECK(traced.lines() == 2);
  CHECK(traced.says("port     tcp/10.0.0.1:22 open after 1.00 ms"));
  CHECK(traced.says("datagram udp/10.0.0.1:53 sent 5 B in 1, received 4 B in 1, closed here"));
}

TEST_CASE("a traced datagram hears other ports as it would untraced, and what it answers counts among what was sent") {
  Traced traced(Tracer::Detail::lines);
  traced.world.datagrams(udp("10.0.0.1", 69), [](std::string_view) { return "block"; });
  traced.world.answers_from(udp("10.0.0.1", 69), 3000);
  auto task = [&]() -> awaitable<void> {
    Result<std::unique_ptr<Datagram>> socket =
        co_await traced.world.open_datagram(udp("10.0.0.1", 69), traced.permit, traced.in(1s));
    REQUIRE(socket);
    CHECK((*socket)->hear_other_ports());
    CHECK((*socket)->send("hello"));
    const Result<DatagramReply> reply = co_await (*socket)->receive(traced.in(1s));
    REQUIRE(reply);
    CHECK(reply->from == udp("10.0.0.1", 3000));
    CHECK((*socket)->answer(reply->from, traced.permit, "bye"));
  };
  play(traced.world, task);
  CHECK(traced.says("datagram udp/10.0.0.1:69 sent 8 B in 2, received 5 B in 1, closed here"));
}

TEST_CASE("an exchange of echoes is one line, with its round trips and its payloads") {
  Traced traced(Tracer::Detail::bytes);
  ScriptedEcho second;
  second.lost_first = 1;
  second.round_trip = 3ms;
  second.copies = 2;
  traced.world.echoes(ip("10.0.0.1"), second);
  auto task = [&]() -> awaitable<void> {
    Result<std::unique_ptr<Echo>> echo = traced.world.open_echo(ip("10.0.0.1"), traced.permit, 20);
    REQUIRE(echo);
    for (int i = 0; i < 2; ++i) CHECK((*echo)->send());
    const Result<EchoAnswer> answer = co_await (*echo)->receive(traced.in(1s));
    CHECK(answer);
    CHECK((*echo)->duplicates() == 1);
    CHECK_FALSE(traced.world.open_echo(ip("10.0.0.2"), traced.permit));
  };
  play(traced.world, task);
  INFO(traced.written);
  CHECK(
      traced.says("Z echo     icmp/10.0.0.1 sent 40 B in 2, received 20 B in 1 after 3.00 ms, closed here, 3.00 ms in "
                  "all\n"));
  CHECK(traced.says("icmp/10.0.0.1 > 00000000  65 65 65 65 "));
  CHECK(traced.says("icmp/10.0.0.1 < 00000000  65 65 65 65 "));
  CHECK_FALSE(traced.says("10.0.0.2"));
}

TEST_CASE("echoes without a reply say how the wait ended") {
  for (const bool unreachable : {false, true}) {
    Traced traced(Tracer::Detail::lines);
    ScriptedEcho script;
    script.unreachable = unreachable;
    if (unreachable) traced.world.echoes(ip("10.0.0.1"), script);
    auto task = [&]() -> awaitable<void> {
      Result<std::unique_ptr<Echo>> echo = traced.world.open_echo(ip("10.0.0.1"), traced.permit);
      REQUIRE(echo);
      CHECK((*echo)->send());
      const Result<EchoAnswer> answer = co_await (*echo)->receive(traced.in(1s));
      CHECK(answer.ok() == unreachable);
    };
    play(traced.world, task);
    CHECK(traced.lines() == 1);
    CHECK(traced.says(unreachable ? "sent 56 B in 1, received 0 B in 0, unreachable, 1.00 ms in all"
                                  : "sent 56 B in 1, received 0 B in 0, timeout, 1000.00 ms in all"));
  }
}

TEST_CASE("bytes are written in hexadecimal, hostile ones too, and nothing else of them") {
  Traced traced(Tracer::Detail::bytes);
  traced.peer(22, {ScriptStep::say("\x1b[31m\nab"), ScriptStep::end()});
  traced.talk("");
  CHECK(traced.says("tcp/10.0.0.1:22 < 00000000  1b 5b 33 31 6d 0a 61 62 "));
  CHECK(traced.says(".[31m.ab"));
  CHECK_FALSE(traced.says("\x1b"));
}

TEST_CASE("a secret is masked, whole or in pieces of any size, sent or said back") {
  for (std::size_t split = 1; split < 12; ++split) {
    Traced traced(Tracer::Detail::bytes);
    traced.peer(22, {ScriptStep::say("you said swordfish, swordfish sword", {}, split), ScriptStep::end()});
    traced.talk("my swordfish");
    INFO(traced.written);
    std::string heard = traced.written;  // without what stands between the pieces
    std::string letters;
    for (std::size_t line = 0, end = 0; (end = heard.find('\n', line)) != std::string::npos; line = end + 1) {
      const std::string row = heard.substr(line, end - line);
      if (row.find(" < 0") != std::string::npos || row.find(" > 0") != std::string::npos)
        letters += row.substr(row.rfind(' ') + 1);
    }
    CHECK(letters.find("swordf") == std::string::npos);
    CHECK(letters.find("dfish") == std::string::npos);
    CHECK(traced.says("received 35 B"));
    CHECK(traced.says("2a "));
  }
}

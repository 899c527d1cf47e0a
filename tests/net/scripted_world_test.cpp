#include "net/scripted_world.hpp"

#include <catch2/catch.hpp>

#include <array>

#include "net/waiting.hpp"
#include "playing.hpp"

using namespace audit;
using namespace audit::net;
using namespace audit::test;

namespace {

/// Reads to the end or the deadline: each piece in brackets, then how it ended.
awaitable<std::string> transcript(Stream& stream, Instant deadline) {
  std::string heard;
  std::array<char, 64> buffer;
  const std::span<char> room(buffer);
  while (true) {
    const Result<std::size_t> got = co_await stream.read_some(room, deadline);
    if (!got) co_return heard + std::string(name_of(got.error().reason));
    heard += "[" + std::string(buffer.data(), *got) + "]";
  }
}

std::string talk(Stage& stage, std::vector<ScriptStep> steps, std::string say, Duration patience) {
  stage.peer(25, std::move(steps));
  std::string heard = "no stream";
  auto task = [&]() -> awaitable<void> {
    Result<std::unique_ptr<Stream>> stream =
        co_await stage.world.connect(tcp("10.0.0.1", 25), stage.permit, stage.in(1s));
    if (!stream) co_return;
    if (!say.empty()) {
      const Result<void> written = co_await (*stream)->write(say, stage.in(1s));
      if (!written) say = name_of(written.error().reason);
    }
    heard = co_await transcript(**stream, stage.in(patience));
  };
  play(stage.world, task);
  return heard;
}

}  // namespace

TEST_CASE("a scripted peer says, splits, ends and resets") {
  Stage stage;
  CHECK(talk(stage, {ScriptStep::say("abcde", {}, 2)}, "", 1s) == "[ab][cd][e]eof");
  CHECK(talk(stage, {ScriptStep::say("a"), ScriptStep::say("b"), ScriptStep::end()}, "", 1s) == "[a][b]eof");
  CHECK(talk(stage, {ScriptStep::say("a"), ScriptStep::reset()}, "", 1s) == "[a]reset");
  CHECK(talk(stage, {ScriptStep::say("a"), ScriptStep::hang()}, "", 1s) == "[a]timeout");
  CHECK(talk(stage, {}, "", 1s) == "eof");
}

TEST_CASE("a scripted peer waits for what it expects") {
  Stage stage;
  const std::vector<ScriptStep> greeting{ScriptStep::expect("HELO"), ScriptStep::say("250")};
  CHECK(talk(stage, greeting, "HELO x", 1s) == "[250]eof");
  CHECK(talk(stage, greeting, "NOOP", 1s) == "timeout");
}

TEST_CASE("half a minute of waiting takes no time") {
  Stage stage;
  const Instant began = stage.world.now();
  CHECK(talk(stage, {ScriptStep::hang()}, "", 30s) == "timeout");
  CHECK(stage.world.now() - began >= 30s);
  CHECK(stage.world.now() - began < 31s);
}

TEST_CASE("a scripted connect is refused, unreachable, silent or at fault") {
  Stage stage;
  const auto reason = [&](PortEvent event) {
    ScriptedPort port;
    port.event = event;
    stage.world.port(tcp("10.0.0.1", 25), std::move(port));
    Reason said = Reason::observed;
    auto task = [&]() -> awaitable<void> {
      Result<std::unique_ptr<Stream>> stream =
          co_await stage.world.connect(tcp("10.0.0.1", 25), stage.permit, stage.in(1s));
      if (!stream) said = stream.error().reason;
    };
    play(stage.world, task);
    return said;
  };
  CHECK(reason(PortEvent::open) == Reason::observed);
  CHECK(reason(PortEvent::closed) == Reason::refused);
  CHECK(reason(PortEvent::unreachable) == Reason::unreachable);
  CHECK(reason(PortEvent::silent) == Reason::timeout);
  CHECK(reason(PortEvent::fault) == Reason::local_fault);
}

TEST_CASE("nothing outside the permit is sent, nor after the stop") {
  Stage stage;
  std::vector<Reason> said;
  auto task = [&]() -> awaitable<void> {
    Result<std::unique_ptr<Stream>> stream =
        co_await stage.world.connect(tcp("10.0.0.2", 25), stage.permit, stage.in(1s));
    said.push_back(stream.error().reason);
    Result<std::unique_ptr<Datagram>> datagram =
        co_await stage.world.open_datagram(udp("10.0.0.2", 53), stage.permit, stage.in(1s));
    said.push_back(datagram.error().reason);
    stage.world.stop();
    stream = co_await stage.world.connect(tcp("10.0.0.1", 25), stage.permit, stage.in(1s));
    said.push_back(stream.error().reason);
    datagram = co_await stage.world.open_datagram(udp("10.0.0.1", 53), stage.permit, stage.in(1s));
    said.push_back(datagram.error().reason);
  };
  play(stage.world, task);
  CHECK(said == std::vector<Reason>{Reason::out_of_scope, Reason::out_of_scope, Reason::stopped, Reason::stopped});
  CHECK(stage.world.sent().empty());
}

TEST_CASE("a stop ends a read, a connect and a wait for a datagram") {
  Stage stage;
  stage.peer(25, {ScriptStep::hang()});
  stage.world.datagrams(udp("10.0.0.1", 161), [](std::string_view) { return std::nullopt; });
  std::vector<Reason> said;
  auto reading = [&]() -> awaitable<void> {
    Result<std::unique_ptr<Stream>> stream =
        co_await stage.world.connect(tcp("10.0.0.1", 25), stage.permit, stage.in(1s));
    std::array<char, 8> buffer;
    const std::span<char> room(buffer);
    const Result<std::size_t> got = co_await (*stream)->read_some(room, never);
    said.push_back(got.error().reason);
  };
  auto connecting = [&]() -> awaitable<void> {
    Result<std::unique_ptr<Stream>> stream = co_await stage.world.connect(tcp("10.0.0.1", 26), stage.permit, never);
    said.push_back(stream.error().reason);
  };
  auto receiving = [&]() -> awaitable<void> {
    Result<std::unique_ptr<Datagram>> socket =
        co_await stage.world.open_datagram(udp("10.0.0.1", 161), stage.permit, never);
    const Result<DatagramReply> reply = co_await (*socket)->receive(never);
    said.push_back(reply.error().reason);
  };
  start(stage.io, reading);
  start(stage.io, connecting);
  start(stage.io, receiving);
  auto stop = [&]() -> awaitable<void> {
    Sleeper sleeper(stage.world.deadlines());
    co_await sleeper.sleep(stage.in(3s));
    stage.world.stop();
  };
  play(stage.world, stop);
  CHECK(said == std::vector<Reason>(3, Reason::stopped));
}

TEST_CASE("regression: a peer that speaks once a second is heard by who looks every 300 ms") {
  Stage stage;
  stage.peer(25, {ScriptStep::say("a", 1s), ScriptStep::say("b", 1s)});
  std::string heard;
  int looks = 0;
  auto task = [&]() -> awaitable<void> {
    Result<std::unique_ptr<Stream>> stream =
        co_await stage.world.connect(tcp("10.0.0.1", 25), stage.permit, stage.in(1s));
    std::array<char, 8> buffer;
    const std::span<char> room(buffer);
    while (heard.size() < 2 && looks < 50) {
      ++looks;
      const Result<std::size_t> got = co_await (*stream)->read_some(room, stage.in(300ms));
      if (got) heard.append(buffer.data(), *got);
    }
  };
  play(stage.world, task);
  CHECK(heard == "ab");
  CHECK(looks == 8);  // three times nothing, then a byte, twice
}

TEST_CASE("regression: a scripted world can be run again") {
  Stage stage;
  CHECK(talk(stage, {ScriptStep::say("a")}, "", 1s) == "[a]eof");
  CHECK(talk(stage, {ScriptStep::say("b")}, "", 1s) == "[b]eof");
}

#include "net/kept_connections.hpp"

#include <poll.h>

#include <catch2/catch.hpp>

#include "net/kernel_world.hpp"
#include "peers.hpp"

using namespace audit;
using namespace audit::net;
using namespace audit::test;

namespace {

constexpr auto patience = 20s;  // of a test that has already failed

struct Answer final : PortSink {
  std::optional<PortEvent> event;
  void answered(std::uint32_t /*token*/, const PortAnswer& answer) override { event = answer.event; }
};

PortSet port_of(const Endpoint& endpoint) {
  PortSet ports;
  ports.add(endpoint.port, endpoint.port);
  return ports;
}

/// A listener, and a world that probes it.
struct Keeping {
  explicit Keeping(std::uint32_t conversations = 8) : world(io, KernelShare(8, conversations)) {
    kept.want(port_of(listener.at), 4);
  }

  PortEvent probe() {
    Answer answer;
    world.probe_port(answer, 1, listener.at, permit, world.now() + 5s, &kept);
    if (!answer.event) io.run_for(patience);
    return answer.event.value();
  }
  /// A conversation with the listener, of which nothing has been heard.
  std::unique_ptr<Stream> connect() {
    std::unique_ptr<Stream> stream;
    auto task = [&]() -> awaitable<void> {
      Result<std::unique_ptr<Stream>> got = co_await world.connect(listener.at, permit, world.now() + 5s, &kept);
      if (got) stream = std::move(*got);
    };
    start(io, task);
    for (int turn = 0; turn < 1'000 && !stream; ++turn) {
      io.restart();
      io.run_one_for(patience);
    }
    return stream;
  }
  [[nodiscard]] bool somebody_waits() const {
    pollfd one{listener.socket.get(), POLLIN, 0};
    return poll(&one, 1, 0) == 1;
  }

  Listener listener;
  asio::io_context io{1};
  KernelWorld world;
  Permit permit = allow("127.0.0.1");
  KeptConnections kept{world.deadlines()};
};

/// How the other end of a connection finds it to have ended: "", a RST, or still open.
std::string ended(const Plain& peer) {
  pollfd one{peer.get(), POLLIN, 0};
  if (poll(&one, 1, 5'000) != 1) return "open";
  char byte = 0;
  const ssize_t got = recv(peer.get(), &byte, 1, 0);
  return got == 0 ? "closed" : got < 0 && errno == ECONNRESET ? "reset" : "said something";
}

}  // namespace

TEST_CASE("a conversation takes the connection that the sweep opened: the service is connected to once") {
  Keeping keeping;
  CHECK(keeping.probe() == PortEvent::open);
  CHECK(keeping.kept.size() == 1);
  const Plain peer = keeping.listener.take();
  const std::unique_ptr<Stream> stream = keeping.connect();
  REQUIRE(stream);
  CHECK(keeping.kept.size() == 0);
  CHECK(stream->connected_before().has_value());
  CHECK(stream->remote() == keeping.listener.at);
  auto task = [&]() -> awaitable<void> {
    const Result<void> written = co_await stream->write("hello", keeping.world.now() + 5s);
    if (!written) throw std::runtime_error(written.error().message);
  };
  start(keeping.io, task);
  keeping.io.restart();
  keeping.io.run_for(patience);
  CHECK(peer.hear() == "hello");
  CHECK_FALSE(keeping.somebody_waits());
}

TEST_CASE("a connection that nobody takes is reset after its time, and the io_context comes to its end") {
  Keeping keeping;
  CHECK(keeping.probe() == PortEvent::open);
  const Plain peer = keeping.listener.take();
  keeping.io.restart();
  keeping.io.run_for(patience);
  CHECK(keeping.io.stopped());
  CHECK(keeping.kept.size() == 0);
  CHECK(ended(peer) == "reset");
}

TEST_CASE("a connection that its server has ended in the meantime is not taken, a new one is made") {
  const bool by_reset = GENERATE(false, true);
  Keeping keeping;
  CHECK(keeping.probe() == PortEvent::open);
  Plain first = keeping.listener.take();
  by_reset ? first.reset() : first.end();
  const std::unique_ptr<Stream> stream = keeping.connect();
  REQUIRE(stream);
  CHECK_FALSE(stream->connected_before());
  CHECK(keeping.somebody_waits());
}

TEST_CASE("what a server has said by then is there to read") {
  Keeping keeping;
  CHECK(keeping.probe() == PortEvent::open);
  Plain peer = keeping.listener.take();
  peer.say("SSH-2.0-x\r\n");
  peer.end();
  const std::unique_ptr<Stream> stream = keeping.connect();
  REQUIRE(stream);
  std::string heard;
  auto task = [&]() -> awaitable<void> {
    std::array<char, 64> buffer{};
    const std::span<char> room(buffer);
    const Result<std::size_t> got = co_await stream->read_some(room, keeping.world.now() + 5s);
    if (got) heard.assign(buffer.data(), *got);
  };
  start(keeping.io, task);
  keeping.io.restart();
  keeping.io.run_for(patience);
  CHECK(heard == "SSH-2.0-x\r\n");
}

TEST_CASE("only wanted ports are kept, each once, and as many as were asked for") {
  Keeping keeping;
  keeping.kept.want(PortSet(), 4);
  CHECK(keeping.probe() == PortEvent::open);
  CHECK(keeping.kept.size() == 0);
  CHECK(ended(keeping.listener.take()) == "reset");
  keeping.kept.want(port_of(keeping.listener.at), 0);
  CHECK(keeping.probe() == PortEvent::open);
  CHECK(keeping.kept.size() == 0);
  CHECK(ended(keeping.listener.take()) == "reset");
  keeping.kept.want(port_of(keeping.listener.at), 4);
  CHECK(keeping.probe() == PortEvent::open);
  CHECK(keeping.probe() == PortEvent::open);
  CHECK(keeping.kept.size() == 1);
}

TEST_CASE("trimming resets what is too many, but not the one that is about to be taken") {
  Keeping keeping;
  CHECK(keeping.probe() == PortEvent::open);
  const Plain peer = keeping.listener.take();
  keeping.kept.trim(0, &keeping.listener.at);
  CHECK(keeping.kept.size() == 1);
  keeping.kept.trim(1, nullptr);
  CHECK(keeping.kept.size() == 1);
  keeping.kept.trim(0, nullptr);
  CHECK(keeping.kept.size() == 0);
  CHECK(ended(peer) == "reset");
}

TEST_CASE("conversations that are asked for come first: half of the descriptors for them are never kept") {
  Keeping keeping(2);
  std::vector<std::unique_ptr<Stream>> talks;
  talks.push_back(keeping.connect());
  const Plain first = keeping.listener.take();
  CHECK(keeping.probe() == PortEvent::open);
  CHECK(keeping.kept.size() == 0);
  talks.push_back(keeping.connect());
  CHECK(talks.back());
}

TEST_CASE("a stop ends what is kept") {
  Keeping keeping;
  CHECK(keeping.probe() == PortEvent::open);
  const Plain peer = keeping.listener.take();
  keeping.world.stop();
  CHECK(keeping.kept.size() == 0);
  CHECK(ended(peer) == "reset");
}

TEST_CASE("a scope that has changed its mind is obeyed before a kept connection is given away") {
  Keeping keeping;
  CHECK(keeping.probe() == PortEvent::open);
  keeping.permit = Permit();
  CHECK_FALSE(keeping.connect());
}

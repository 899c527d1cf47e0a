#include "net/stream_socket.hpp"

#include <catch2/catch.hpp>
#include <random>

#include "loopback.hpp"

using namespace audit;
using namespace audit::net;
using namespace audit::test;

namespace {

/// Of the descriptor of this process that has this end of a connection.
Plain copy_of(const Endpoint& end) {
  for (int descriptor = 0; descriptor < 1'024; ++descriptor)
    if (local_end(descriptor, Transport::tcp) == end) return Plain(dup(descriptor));
  return Plain(-1);
}

std::string said(const Result<std::size_t>& got, std::span<const char> buffer) {
  return got ? std::string(buffer.data(), *got) : std::string(name_of(got.error().reason));
}

}  // namespace

TEST_CASE("what a read left behind is there for the read after a write") {
  Loopback loopback;
  std::string heard;
  auto task = [&]() -> awaitable<void> {
    const std::unique_ptr<Stream> stream = co_await loopback.connect();
    const Plain peer = loopback.listener.take();
    peer.say("abc");
    std::array<char, 1> byte;
    const std::span<char> room(byte);
    for (int i = 0; i < 3; ++i) {
      const Result<std::size_t> got = co_await stream->read_some(room, loopback.in(5s));
      heard += said(got, byte);
      const Result<void> written = co_await stream->write("x", loopback.in(5s));
      CHECK(written);
    }
    const Result<std::size_t> got = co_await stream->read_some(room, loopback.in(10ms));
    heard += "|" + said(got, byte);
  };
  loopback.run(task);
  CHECK(heard == "abc|timeout");
}

TEST_CASE("whatever the peer says is heard whole, whenever it says it and however it is read") {
  for (std::uint32_t seed = 0; seed < 40; ++seed) {
    INFO("seed " << seed);
    std::mt19937 random(seed);
    const auto below = [&](std::size_t most) {
      return std::uniform_int_distribution<std::size_t>(0, most - 1)(random);
    };
    Loopback loopback;
    std::string all;
    std::string heard;
    std::string ended;
    auto task = [&]() -> awaitable<void> {
      const std::unique_ptr<Stream> stream = co_await loopback.connect();
      Plain peer = loopback.listener.take();
      const auto say = [&] {
        std::string bytes(1 + below(3'000), '\0');
        for (char& byte : bytes) byte = static_cast<char>(below(256));
        all += bytes;
        peer.say(bytes);
      };
      for (int step = 0; step < 60; ++step) {
        if (below(3) == 0) {
          const Result<void> written = co_await stream->write("?", loopback.in(5s));
          CHECK(written);
        }
        if (below(2) == 0) say();
        if (heard.size() == all.size()) asio::post(loopback.io, say);
        std::vector<char> buffer(1 + below(2'000));
        const std::span<char> room(buffer);
        const Result<std::size_t> got = co_await stream->read_some(room, loopback.in(5s));
        heard += said(got, buffer);
      }
      asio::post(loopback.io, [&] { shutdown(peer.get(), SHUT_WR); });
      std::array<char, 16'384> buffer;
      const std::span<char> room(buffer);
      for (Result<std::size_t> got = std::size_t{0};;) {
        got = co_await stream->read_some(room, loopback.in(5s));
        if (!got) {
          ended = name_of(got.error().reason);
          break;
        }
        heard += said(got, buffer);
      }
    };
    loopback.run(task);
    CHECK(heard == all);
    CHECK(ended == "eof");
  }
}

TEST_CASE("one coroutine reads while another writes more than the peer takes at once") {
  Loopback loopback;
  const std::string much(16U << 20U, 'x');
  std::unique_ptr<Stream> stream;
  std::optional<Plain> peer;
  std::string heard;
  bool written = false;
  auto reading = [&]() -> awaitable<void> {
    std::array<char, 8> buffer;
    const std::span<char> room(buffer);
    const Result<std::size_t> got = co_await stream->read_some(room, loopback.in(10s));
    heard = said(got, buffer);
  };
  auto writing = [&]() -> awaitable<void> {
    const Result<void> done = co_await stream->write(much, loopback.in(10s));
    written = static_cast<bool>(done);
  };
  std::size_t taken = 0;
  std::function<void()> take = [&] {
    std::array<char, 65'536> buffer;
    for (ssize_t got = 0; (got = recv(peer->get(), buffer.data(), buffer.size(), MSG_DONTWAIT)) > 0;)
      taken += static_cast<std::size_t>(got);
    if (taken == much.size())
      peer->say("done");
    else
      asio::post(loopback.io, take);
  };
  auto task = [&]() -> awaitable<void> {
    stream = co_await loopback.connect();
    peer.emplace(loopback.listener.take());
    start(loopback.io, reading);
    start(loopback.io, writing);
    asio::post(loopback.io, take);
  };
  loopback.run(task);
  CHECK(written);
  CHECK(heard == "done");
}

TEST_CASE("a read ends where the stream is closed meanwhile, and the io_context comes to its end") {
  Loopback loopback;
  std::string heard;
  auto task = [&]() -> awaitable<void> {
    const std::unique_ptr<Stream> stream = co_await loopback.connect();
    const Plain peer = loopback.listener.take();
    std::array<char, 8> buffer;
    const std::span<char> room(buffer);
    asio::post(loopback.io, [&] { stream->close(); });
    const Result<std::size_t> got = co_await stream->read_some(room, loopback.in(1h));
    heard = said(got, buffer);
  };
  loopback.run(task);
  CHECK(heard == "eof");
}

TEST_CASE("a socket hears nothing of the one whose place it took, though a copy of that one's descriptor lives") {
  Loopback loopback;
  const Listener full("127.0.0.1", 0, 0);  // with one that nobody accepts it answers no other
  const Plain waiting(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const SocketAddress at = to_socket_address(full.at);
  REQUIRE(connect(waiting.get(), at.get(), at.length) == 0);
  Reason end = Reason::observed;
  auto task = [&]() -> awaitable<void> {
    std::unique_ptr<Stream> stream = co_await loopback.connect();
    Plain peer = loopback.listener.take();
    const Plain copy = copy_of(stream->local());  // as a child process has it for a moment
    stream.reset();
    asio::post(loopback.io, [&] { peer.reset(); });
    const Result<std::unique_ptr<Stream>> next =
        co_await loopback.world.connect(full.at, loopback.permit, loopback.in(300ms));
    end = next ? Reason::open : next.error().reason;
  };
  loopback.run(task);
  CHECK(end == Reason::timeout);
}

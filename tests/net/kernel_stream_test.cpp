#include <catch2/catch.hpp>
#include <filesystem>

#include "loopback.hpp"
#include "net/reader.hpp"

using namespace audit;
using namespace audit::net;
using namespace audit::test;

namespace {

std::string said(const Result<std::string>& result) {
  return result ? *result : std::string(name_of(result.error().reason));
}

}  // namespace

TEST_CASE("a stream says and hears over loopback, and knows both ends") {
  Loopback loopback;
  std::string peer_heard;
  std::string heard;
  auto task = [&]() -> awaitable<void> {
    Result<std::unique_ptr<Stream>> stream =
        co_await loopback.world.connect(loopback.listener.at, loopback.permit, loopback.in(5s));
    REQUIRE(stream);
    Plain peer = loopback.listener.take();
    CHECK((*stream)->remote() == loopback.listener.at);
    CHECK((*stream)->local() == [&] {
      SocketAddress address;
      address.length = sizeof address.storage;
      getpeername(peer.get(), address.get(), &address.length);
      return from_socket_address(address, Transport::tcp);
    }());
    const Result<void> written = co_await (*stream)->write("hello", loopback.in(5s));
    CHECK(written);
    peer_heard = peer.hear();
    CHECK((*stream)->silent());
    peer.say("one\ntwo");
    CHECK_FALSE((*stream)->silent());
    Reader reader(**stream);
    heard = said(co_await reader.read_line(100, loopback.in(5s)));
    (*stream)->shutdown_send();
    CHECK(peer.hear().empty());  // its end of file
    peer.say("!");
    peer.end();
    heard += "|" + said(co_await reader.read_exactly(4, loopback.in(5s)));
    heard += "|" + said(co_await reader.read_some(4, loopback.in(5s)));
    (*stream)->close();
    heard += "|" + said(co_await reader.read_some(4, loopback.in(5s)));
  };
  loopback.run(task);
  CHECK(peer_heard == "hello");
  CHECK(heard == "one|two!|eof|eof");
}

TEST_CASE("a read ends at the peer's reset, its deadline and the stop") {
  Loopback loopback;
  std::vector<Reason> ends;
  auto task = [&]() -> awaitable<void> {
    Result<std::unique_ptr<Stream>> stream =
        co_await loopback.world.connect(loopback.listener.at, loopback.permit, loopback.in(5s));
    Plain peer = loopback.listener.take();
    std::array<char, 8> buffer;
    const std::span<char> room(buffer);
    Result<std::size_t> got = co_await (*stream)->read_some(room, loopback.in(10ms));
    ends.push_back(got.error().reason);
    got = co_await (*stream)->read_some(room, loopback.in(-1s));
    ends.push_back(got.error().reason);
    peer.reset();
    got = co_await (*stream)->read_some(room, loopback.in(5s));
    ends.push_back(got.error().reason);
    const Result<void> written = co_await (*stream)->write("x", loopback.in(5s));
    ends.push_back(written.error().reason);
    stream = co_await loopback.world.connect(loopback.listener.at, loopback.permit, loopback.in(5s));
    const Plain other = loopback.listener.take();
    asio::post(loopback.io, [&] { loopback.world.stop(); });
    got = co_await (*stream)->read_some(room, never);
    ends.push_back(got.error().reason);
  };
  loopback.run(task);
  CHECK(ends == std::vector<Reason>{Reason::timeout, Reason::timeout, Reason::reset, Reason::reset, Reason::stopped});
}

TEST_CASE("regression: a reset that a write was told of is no end of file to the next read") {
  Loopback loopback;
  std::vector<Reason> ends;
  auto task = [&]() -> awaitable<void> {
    Result<std::unique_ptr<Stream>> stream =
        co_await loopback.world.connect(loopback.listener.at, loopback.permit, loopback.in(5s));
    loopback.listener.take().reset();
    const Result<void> written = co_await (*stream)->write("x", loopback.in(5s));
    ends.push_back(written ? Reason::observed : written.error().reason);
    std::array<char, 8> buffer;
    const std::span<char> room(buffer);
    for (int i = 0; i < 2; ++i) {
      const Result<std::size_t> got = co_await (*stream)->read_some(room, loopback.in(5s));
      ends.push_back(got ? Reason::observed : got.error().reason);
    }
  };
  loopback.run(task);
  CHECK(ends == std::vector<Reason>(3, Reason::reset));
}

TEST_CASE("a write that nobody reads ends at its deadline") {
  Loopback loopback;
  Reason end = Reason::observed;
  auto task = [&]() -> awaitable<void> {
    Result<std::unique_ptr<Stream>> stream =
        co_await loopback.world.connect(loopback.listener.at, loopback.permit, loopback.in(5s));
    const Plain peer = loopback.listener.take();
    const std::string much(64U << 20U, 'x');
    const Result<void> written = co_await (*stream)->write(much, loopback.in(50ms));
    end = written.error().reason;
  };
  loopback.run(task);
  CHECK(end == Reason::timeout);
}

TEST_CASE("a connect to a vacant port is refused") {
  Loopback loopback;
  Reason end = Reason::observed;
  auto task = [&]() -> awaitable<void> {
    const Result<std::unique_ptr<Stream>> stream =
        co_await loopback.world.connect(vacant(), loopback.permit, loopback.in(5s));
    end = stream.error().reason;
  };
  loopback.run(task);
  CHECK(end == Reason::refused);
}

TEST_CASE("regression: a met deadline does not keep the io_context from coming to its end") {
  Loopback loopback;
  auto task = [&]() -> awaitable<void> {
    Result<std::unique_ptr<Stream>> stream =
        co_await loopback.world.connect(loopback.listener.at, loopback.permit, loopback.in(1h));
    Plain peer = loopback.listener.take();
    asio::post(loopback.io, [&] { peer.say("x"); });
    std::array<char, 8> buffer;
    const std::span<char> room(buffer);
    const Result<std::size_t> got = co_await (*stream)->read_some(room, loopback.in(1h));
    CHECK(got);
  };
  loopback.run(task);
}

TEST_CASE("who has no place waits for one, and gets it when a stream is closed") {
  Loopback loopback;
  asio::io_context io(1);
  KernelWorld narrow(io, KernelShare(1, 1));
  std::vector<std::string> ends;
  auto task = [&]() -> awaitable<void> {
    Result<std::unique_ptr<Stream>> first =
        co_await narrow.connect(loopback.listener.at, loopback.permit, narrow.now() + 5s);
    REQUIRE(first);
    Result<std::unique_ptr<Stream>> second =
        co_await narrow.connect(loopback.listener.at, loopback.permit, narrow.now() + 20ms);
    ends.emplace_back(name_of(second.error().reason));
    Result<std::unique_ptr<Datagram>> socket =
        co_await narrow.open_datagram(udp("127.0.0.1", 9), loopback.permit, narrow.now() + 20ms);
    ends.emplace_back(name_of(socket.error().reason));
    asio::post(io, [&] { (*first)->close(); });
    socket = co_await narrow.open_datagram(udp("127.0.0.1", 9), loopback.permit, narrow.now() + 5s);
    ends.emplace_back(socket ? "opened" : "not opened");
  };
  start(io, task);
  io.run_for(20s);
  CHECK(ends == std::vector<std::string>{"local_fault", "local_fault", "opened"});
}

TEST_CASE("a thousand conversations leave no descriptor behind") {
  Loopback loopback;
  const auto open = [] {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return std::distance(begin(all), end(all));
  };
  const auto before = open();
  int ended = 0;
  auto task = [&]() -> awaitable<void> {
    for (int i = 0; i < 1'000; ++i) {
      Result<std::unique_ptr<Stream>> stream =
          co_await loopback.world.connect(loopback.listener.at, loopback.permit, loopback.in(5s));
      REQUIRE(stream);
      loopback.listener.take().reset();
      if (i % 2 == 0) (*stream)->close();
      ++ended;
    }
  };
  loopback.run(task);
  CHECK(ended == 1'000);
  CHECK(open() == before);
}

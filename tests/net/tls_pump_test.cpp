#include "net/tls_pump.hpp"

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "net/kernel_world.hpp"
#include "net/reader.hpp"
#include "peers.hpp"
#include "tls_peer.hpp"

using namespace audit;
using namespace audit::net;
using namespace audit::test;

namespace {

const Identity& identity() {
  static const Identity made = issue({});
  return made;
}

/// A wire to a server in memory that is cut after so many of the server's bytes, or of ours.
class CutWire final : public Wire {
 public:
  CutWire() : CutWire(TlsPeer(identity())) {}
  explicit CutWire(TlsPeer server) : peer(std::move(server)) {}

  TlsPeer peer;
  std::size_t piece = 1'000'000;
  std::size_t receives = 1'000'000;  // bytes until the cut
  std::size_t sends = 1'000'000;     // writes until the cut
  Reason cut = Reason::eof;
  std::string last;  // bytes that come before the cut
  std::string waiting;
  std::size_t received = 0;

  awaitable<Result<std::size_t>> receive(std::span<char> buffer, Instant /*deadline*/) override {
    waiting += peer.answer();
    if (receives == 0) {
      waiting = std::exchange(last, "");
      if (waiting.empty()) co_return Error(cut, "tcp/10.0.0.1:443: cut");
      receives = waiting.size();
    }
    if (waiting.empty()) co_return Error(Reason::timeout, "tcp/10.0.0.1:443: the deadline passed");
    const std::size_t count = std::min({waiting.size(), buffer.size(), piece, receives});
    std::copy_n(waiting.begin(), count, buffer.begin());
    waiting.erase(0, count);
    receives -= count;
    received += count;
    co_return count;
  }

  awaitable<Result<void>> send(std::string_view bytes, Instant /*deadline*/) override {
    if (sends == 0) co_return Error(cut, "tcp/10.0.0.1:443: cut");
    --sends;
    peer.feed(std::string(bytes));
    co_return Result<void>();
  }
};

/// Runs one coroutine to its end, with a pump over the wire.
struct Pumping {
  explicit Pumping(Wire& wire) : pump(wire, made(), tcp("10.0.0.1", 443)) {}

  static std::unique_ptr<TlsEngine> made() {
    static TlsClient client;
    const TlsSettings settings("web.lab.test", TlsTrust());
    return std::move(*TlsEngine::make(client, settings, tcp("10.0.0.1", 443)));
  }
  template <class Task>
  void run(Task& task) {
    asio::io_context io(1);
    start(io, task);
    io.run();
  }
  std::string shake_hands() {
    std::string seen;
    auto task = [&]() -> awaitable<void> {
      const Result<TlsSession> session = co_await pump.handshake(never);
      seen =
          session ? session->version : fmt::format("{}: {}", name_of(session.error().reason), session.error().message);
    };
    run(task);
    return seen;
  }

  TlsPump pump;
};

/// Lets all others go on.
awaitable<void> turn(asio::io_context& io) {
  auto token = use_awaitable;
  co_await asio::post(io, token);
}

/// A TLS server at the other end of a socket, whose turns are between ours.
struct Server {
  Server(asio::io_context& io_in, const Plain& socket_in, TlsPeer& peer_in)
      : io(io_in), socket(socket_in), peer(peer_in) {}

  awaitable<void> serve() {
    while (!over) {
      std::array<char, 4'096> buffer;
      const ssize_t got = recv(socket.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (got > 0) peer.feed(std::string(buffer.data(), static_cast<std::size_t>(got)));
      const std::string bytes = peer.answer();
      if (!bytes.empty()) socket.say(bytes);
      co_await turn(io);
    }
    gone = true;
  }
  /// It looks at what is the test's, which has to outlive it.
  awaitable<void> end() {
    over = true;
    while (!gone) co_await turn(io);
  }

  asio::io_context& io;
  const Plain& socket;
  TlsPeer& peer;
  bool over = false;
  bool gone = false;
};

}  // namespace

TEST_CASE("a wire that is cut at any byte of the handshake ends it as it was cut") {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    CutWire whole;
    SSL_CTX_set_max_proto_version(whole.peer.context(), version);
    Pumping all(whole);
    REQUIRE(all.shake_hands() == (version == TLS1_2_VERSION ? "TLSv1.2" : "TLSv1.3"));
    REQUIRE(whole.received > 500);
    std::size_t needed = 0;  // bytes without which there is no session: a ticket behind them is none of it
    for (std::size_t at = 0; at < whole.received; ++at) {
      for (const Reason cut : {Reason::eof, Reason::reset, Reason::timeout, Reason::stopped}) {
        CutWire wire(whole.peer.another());
        wire.receives = at;
        wire.cut = cut;
        Pumping pumping(wire);
        const std::string seen = pumping.shake_hands();
        if (seen.starts_with("TLSv")) continue;
        REQUIRE_THAT(seen, Catch::StartsWith(std::string(name_of(cut)) + ": tcp/10.0.0.1:443: "));
        REQUIRE_THAT(seen, Catch::Contains("in the TLS handshake"));
        needed = at + 1;
      }
    }
    CHECK(needed + 8 > whole.received);  // a signature is a byte or two shorter now and then
  }
}

TEST_CASE("what the server said before it reset is the reason, not the reset that met our words") {
  CutWire refusing;
  refusing.sends = 0;
  refusing.cut = Reason::reset;
  refusing.receives = 0;
  refusing.last = std::string("\x15\x03\x03\x00\x02\x02\x28", 7);
  Pumping refused(refusing);
  CHECK_THAT(refused.shake_hands(), Catch::Contains("the server sent the alert \"handshake failure\" (40)"));
  CutWire silent;
  SSL_CTX_set_max_proto_version(silent.peer.context(), TLS1_2_VERSION);
  silent.sends = 1;
  silent.cut = Reason::reset;
  Pumping cut(silent);
  CHECK(cut.shake_hands() == "reset: tcp/10.0.0.1:443: cut");
}

TEST_CASE("over a pump a peer hears, speaks in pieces, and ends") {
  for (const std::size_t piece : {1U, 7U, 100'000U}) {
    CutWire wire;
    wire.piece = piece;
    Pumping pumping(wire);
    REQUIRE(pumping.shake_hands() == "TLSv1.3");
    const std::string much(200'000, 'm');
    std::string heard;
    Reason end = Reason::observed;
    auto task = [&]() -> awaitable<void> {
      const Result<void> written = co_await pumping.pump.write(much, never);
      CHECK(written);
      wire.peer.say("one two three");
      std::array<char, 5> buffer{};
      const std::span<char> room(buffer);
      while (heard.size() < 13) {
        const Result<std::size_t> got = co_await pumping.pump.read_some(room, never);
        REQUIRE(got);
        heard.append(buffer.data(), *got);
      }
      wire.peer.close_notify();
      const Result<std::size_t> got = co_await pumping.pump.read_some(room, never);
      end = got.error().reason;
    };
    pumping.run(task);
    CHECK(wire.peer.heard() == much);
    CHECK(heard == "one two three");
    CHECK(end == Reason::eof);
    wire.peer.feed(pumping.pump.farewell());
    static_cast<void>(wire.peer.answer());
    CHECK(wire.peer.ended());
  }
}

TEST_CASE("after a write that was cut nothing more is written, not even a farewell") {
  CutWire wire;
  Pumping pumping(wire);
  REQUIRE(pumping.shake_hands() == "TLSv1.3");
  wire.sends = 0;
  wire.cut = Reason::timeout;
  std::vector<Reason> ends;
  auto task = [&]() -> awaitable<void> {
    Result<void> written = co_await pumping.pump.write("x", never);
    ends.push_back(written.error().reason);
    wire.sends = 10;
    written = co_await pumping.pump.write("x", never);
    ends.push_back(written.error().reason);
  };
  pumping.run(task);
  CHECK(ends == std::vector<Reason>{Reason::timeout, Reason::eof});
  CHECK(pumping.pump.farewell().empty());
}

TEST_CASE("a stream of the kernel begins TLS, and its deadline holds against a peer that trickles or floods") {
  asio::io_context io(1);
  KernelWorld world(io, KernelShare(8, 8));
  const Listener listener;
  const Permit permit = allow("127.0.0.1");
  std::vector<std::string> seen;
  auto task = [&]() -> awaitable<void> {
    Result<std::unique_ptr<Stream>> stream = co_await world.connect(listener.at, permit, world.now() + 5s);
    REQUIRE(stream);
    Plain socket = listener.take();
    TlsPeer peer(identity());
    Server server(io, socket, peer);
    auto serve = [&] { return server.serve(); };
    start(io, serve);
    TlsSettings settings("web.lab.test", TlsTrust());
    const Result<TlsSession> session = co_await (*stream)->start_tls(std::move(settings), world.now() + 5s);
    REQUIRE(session);
    seen.push_back(session->version);
    CHECK(session->handshake_time > 0s);
    TlsSettings again;
    const Result<TlsSession> second = co_await (*stream)->start_tls(std::move(again), world.now() + 5s);
    seen.emplace_back(name_of(second.error().reason));
    for (int i = 0; i < 1'000 && !peer.established(); ++i) co_await turn(io);
    peer.say("hello\n");
    Reader reader(**stream);
    const Result<std::string> line = co_await reader.read_line(100, world.now() + 5s);
    seen.push_back(line ? *line : std::string(name_of(line.error().reason)));
    (*stream)->close();
    for (int i = 0; i < 1'000 && !peer.ended(); ++i) co_await turn(io);
    CHECK(peer.ended());
    co_await server.end();
  };
  start(io, task);
  io.run_for(20s);
  CHECK(seen == std::vector<std::string>{"TLSv1.3", "tls_error", "hello"});

  seen.clear();
  io.restart();
  auto hostile = [&]() -> awaitable<void> {
    for (const bool floods : {false, true}) {
      Result<std::unique_ptr<Stream>> stream = co_await world.connect(listener.at, permit, world.now() + 5s);
      REQUIRE(stream);
      const Plain socket = listener.take();
      bool over = false;
      const std::string request = floods ? std::string("\x14\x03\x03\x00\x01\x01", 6) : std::string("\x16", 1);
      auto serve = [&]() -> awaitable<void> {
        if (!floods) socket.say(request);
        while (!over && floods) {
          send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
          co_await turn(io);
        }
      };
      start(io, serve);
      TlsSettings settings;
      const Result<TlsSession> session = co_await (*stream)->start_tls(std::move(settings), world.now() + 50ms);
      seen.emplace_back(name_of(session.error().reason));
      over = true;
      co_await turn(io);
    }
  };
  start(io, hostile);
  io.run_for(20s);
  REQUIRE(seen.size() == 2);
  CHECK(seen[0] == "timeout");
  CHECK((seen[1] == "timeout" || seen[1] == "tls_error"));
}

TEST_CASE("regression: records that say nothing do not keep others of the shard from their turns") {
  asio::io_context io(1);
  KernelWorld world(io, KernelShare(8, 8));
  const Listener listener;
  const Permit permit = allow("127.0.0.1");
  std::string heard;
  int turns = 0;
  bool read = false;
  auto others = [&]() -> awaitable<void> {
    while (!read) {
      ++turns;
      co_await turn(io);
    }
  };
  auto task = [&]() -> awaitable<void> {
    Result<std::unique_ptr<Stream>> stream = co_await world.connect(listener.at, permit, world.now() + 5s);
    REQUIRE(stream);
    const Plain socket = listener.take();
    TlsPeer peer(identity());
    Server server(io, socket, peer);
    auto serve = [&] { return server.serve(); };
    start(io, serve);
    TlsSettings settings("web.lab.test", TlsTrust());
    const Result<TlsSession> session = co_await (*stream)->start_tls(std::move(settings), world.now() + 5s);
    REQUIRE(session);
    for (int i = 0; i < 1'000 && !peer.established(); ++i) co_await turn(io);
    co_await server.end();
    std::string flood;  // more than one helping, and all of it there at once
    while (flood.size() < 50'000) {
      REQUIRE(SSL_new_session_ticket(peer.connection()) == 1);
      SSL_do_handshake(peer.connection());
      flood += peer.answer();
    }
    peer.say("end");
    socket.say(flood + peer.answer());
    start(io, others);
    std::array<char, 64> buffer;
    const std::span<char> room(buffer);
    const Result<std::size_t> got = co_await (*stream)->read_some(room, world.now() + 5s);
    read = true;
    heard = got ? std::string(buffer.data(), *got) : std::string(name_of(got.error().reason));
  };
  start(io, task);
  io.run_for(20s);
  CHECK(heard == "end");
  CHECK(turns >= 2);
}

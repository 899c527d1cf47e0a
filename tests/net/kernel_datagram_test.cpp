#include <catch2/catch.hpp>

#include "loopback.hpp"

using namespace audit;
using namespace audit::net;
using namespace audit::test;

TEST_CASE("a datagram is answered, refused or met by silence") {
  Loopback loopback;
  const Plain server = bound("127.0.0.1", 0, SOCK_DGRAM);
  const Endpoint at = local_end(server.get(), Transport::udp);
  Endpoint nobody;
  {
    const Plain gone = bound("127.0.0.1", 0, SOCK_DGRAM);
    nobody = local_end(gone.get(), Transport::udp);
  }
  std::vector<std::string> ends;
  auto task = [&]() -> awaitable<void> {
    Result<std::unique_ptr<Datagram>> socket =
        co_await loopback.world.open_datagram(at, loopback.permit, loopback.in(5s));
    CHECK((*socket)->send("ping"));
    SocketAddress from;
    from.length = sizeof from.storage;
    std::array<char, 16> buffer;
    CHECK(recvfrom(server.get(), buffer.data(), buffer.size(), 0, from.get(), &from.length) == 4);
    CHECK(sendto(server.get(), "pong", 4, 0, from.get(), from.length) == 4);
    CHECK(sendto(server.get(), "", 0, 0, from.get(), from.length) == 0);
    Result<DatagramReply> reply = co_await (*socket)->receive(loopback.in(5s));
    ends.push_back(reply ? reply->bytes : "nothing");
    reply = co_await (*socket)->receive(loopback.in(5s));
    ends.push_back(reply ? "empty:" + reply->bytes : "nothing");
    reply = co_await (*socket)->receive(loopback.in(10ms));
    ends.emplace_back(name_of(reply.error().reason));
    socket = co_await loopback.world.open_datagram(nobody, loopback.permit, loopback.in(5s));
    CHECK((*socket)->send("ping"));
    const Result<void> again = (*socket)->send("ping");  // the ICMP of the first has come
    ends.emplace_back(name_of(again.error().reason));
    CHECK((*socket)->send("ping"));
    reply = co_await (*socket)->receive(loopback.in(5s));
    ends.emplace_back(name_of(reply.error().reason));
  };
  loopback.run(task);
  CHECK(ends == std::vector<std::string>{"pong", "empty:", "timeout", "refused", "refused"});
}

TEST_CASE("a refusal names the host that sent it, over IPv4 and IPv6, where other ports are heard too") {
  const bool other_ports = GENERATE(false, true);
  for (const char* address : {"127.0.0.1", "127.9.8.7", "::1"}) {
    INFO(address);
    Loopback loopback;
    const Permit permit = allow(address);
    Endpoint nobody = vacant(address);
    nobody.transport = Transport::udp;
    auto task = [&]() -> awaitable<void> {
      Result<std::unique_ptr<Datagram>> socket = co_await loopback.world.open_datagram(nobody, permit, loopback.in(5s));
      REQUIRE(socket);
      if (other_ports) REQUIRE((*socket)->hear_other_ports());
      CHECK((*socket)->send("ping"));
      const Result<DatagramReply> reply = co_await (*socket)->receive(loopback.in(5s));
      REQUIRE_FALSE(reply);
      CHECK(reply.error().reason == Reason::refused);
      CHECK(reply.error().message == format_endpoint(nobody) + ": ICMP port unreachable from " + address);
      REQUIRE((*socket)->icmp());
      CHECK((*socket)->icmp()->from == ip(address));
    };
    loopback.run(task);
  }
}

TEST_CASE("a datagram of another source is not heard, and the largest of the peer's own is") {
  Loopback loopback;
  const Plain server = bound("127.0.0.1", 0, SOCK_DGRAM);
  const Plain stranger = bound("127.0.0.1", 0, SOCK_DGRAM);
  const Plain other_host = bound("127.0.0.2", 0, SOCK_DGRAM);
  const Endpoint at = local_end(server.get(), Transport::udp);
  const std::string large(65'507, 'x');
  auto task = [&]() -> awaitable<void> {
    Result<std::unique_ptr<Datagram>> socket =
        co_await loopback.world.open_datagram(at, loopback.permit, loopback.in(5s));
    const SocketAddress back = to_socket_address((*socket)->local());
    for (const Plain* forger : {&stranger, &other_host})
      CHECK(sendto(forger->get(), "forged", 6, 0, back.get(), back.length) == 6);
    CHECK(sendto(server.get(), large.data(), large.size(), 0, back.get(), back.length) == 65'507);
    Result<DatagramReply> reply = co_await (*socket)->receive(loopback.in(5s));
    REQUIRE(reply);
    CHECK(reply->bytes == large);
    CHECK(reply->from == at);
    reply = co_await (*socket)->receive(loopback.in(20ms));
    CHECK(reply.error().reason == Reason::timeout);
    CHECK((*socket)->send(large));
    CHECK(recv(server.get(), nullptr, 0, MSG_TRUNC) == 65'507);
    const Result<void> too_large = (*socket)->send(large + "x");
    REQUIRE_FALSE(too_large);
    CHECK(too_large.error().reason == Reason::local_fault);
  };
  loopback.run(task);
}

TEST_CASE(
    "other ports of the peer are heard where that is asked for, other addresses never, and the peer can be answered") {
  for (const char* address : {"127.0.0.1", "::1"}) {
    INFO(address);
    Loopback loopback;
    const Permit permit = allow(address);
    const Plain server = bound(address, 0, SOCK_DGRAM);
    const Plain transfer = bound(address, 0, SOCK_DGRAM);
    const Plain stranger = bound("127.0.0.2", 0, SOCK_DGRAM);
    const Endpoint at = local_end(server.get(), Transport::udp);
    const Endpoint other = local_end(transfer.get(), Transport::udp);
    auto task = [&]() -> awaitable<void> {
      Result<std::unique_ptr<Datagram>> socket = co_await loopback.world.open_datagram(at, permit, loopback.in(5s));
      REQUIRE((*socket)->hear_other_ports());
      CHECK((*socket)->local().address == ip(address));
      CHECK((*socket)->local().port != 0);
      CHECK((*socket)->send("ping"));
      SocketAddress from;
      from.length = sizeof from.storage;
      std::array<char, 16> buffer;
      CHECK(recvfrom(server.get(), buffer.data(), buffer.size(), 0, from.get(), &from.length) == 4);
      CHECK(from_socket_address(from, Transport::udp) == (*socket)->local());
      if (at.address.family == Family::v4)
        for (int i = 0; i < 100; ++i) CHECK(sendto(stranger.get(), "forged", 6, 0, from.get(), from.length) == 6);
      CHECK(sendto(transfer.get(), "block", 5, 0, from.get(), from.length) == 5);
      CHECK(sendto(server.get(), "same", 4, 0, from.get(), from.length) == 4);
      Result<DatagramReply> reply = co_await (*socket)->receive(loopback.in(5s));
      REQUIRE(reply);
      CHECK(reply->bytes == "block");
      CHECK(reply->from == other);
      CHECK((*socket)->answer(reply->from, permit, "bye"));
      CHECK(transfer.hear() == "bye");
      reply = co_await (*socket)->receive(loopback.in(5s));
      REQUIRE(reply);
      CHECK(reply->from == at);
      reply = co_await (*socket)->receive(loopback.in(20ms));
      CHECK(reply.error().reason == Reason::timeout);
    };
    loopback.run(task);
  }
}

TEST_CASE("an answer goes to no other address, and to no port that is never asked") {
  Loopback loopback;
  const Plain server = bound("127.0.0.1", 0, SOCK_DGRAM);
  const Plain barred = bound("127.0.0.1", 0, SOCK_DGRAM);
  const Plain elsewhere = bound("127.0.0.2", 0, SOCK_DGRAM);
  const Endpoint at = local_end(server.get(), Transport::udp);
  const Endpoint port = local_end(barred.get(), Transport::udp);
  const Endpoint other = local_end(elsewhere.get(), Transport::udp);
  TransportPorts never;
  never.udp.add(port.port, port.port);
  const Permit permit({ip("127.0.0.1"), ip("127.0.0.2")}, never);
  const std::vector<Endpoint> wrong{port, other};
  auto task = [&]() -> awaitable<void> {
    Result<std::unique_ptr<Datagram>> socket = co_await loopback.world.open_datagram(at, permit, loopback.in(5s));
    REQUIRE((*socket)->hear_other_ports());
    for (const Endpoint& to : wrong) {
      const Result<void> sent = (*socket)->answer(to, permit, "bye");
      REQUIRE_FALSE(sent);
      CHECK(sent.error().reason == Reason::out_of_scope);
    }
    CHECK(recv(barred.get(), nullptr, 0, MSG_DONTWAIT) < 0);
    CHECK(recv(elsewhere.get(), nullptr, 0, MSG_DONTWAIT) < 0);
    CHECK((*socket)->answer(at, permit, "bye"));
    CHECK(server.hear() == "bye");
  };
  loopback.run(task);
}

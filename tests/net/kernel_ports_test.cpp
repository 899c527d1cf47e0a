#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <filesystem>
#include <map>

#include "net/kernel_world.hpp"
#include "own_network.hpp"
#include "peers.hpp"

using namespace audit;
using namespace audit::net;
using namespace audit::test;

namespace {

struct Answers final : PortSink {
  std::map<std::uint32_t, PortAnswer> all;
  int repeats = 0;
  void answered(std::uint32_t token, const PortAnswer& answer) override {
    if (!all.emplace(token, answer).second) ++repeats;
  }
};

constexpr auto patience = 20s;  // of a test that has already failed

PortAnswer probe(const Endpoint& to, Duration timeout = 5s) {
  asio::io_context io(1);
  KernelWorld world(io, KernelShare(8, 8));
  Answers answers;
  const std::vector<IpAddress> hosts(1, to.address);
  const Permit permit(hosts, TransportPorts());
  world.probe_port(answers, 1, to, permit, world.now() + timeout);
  io.run_for(patience);
  if (answers.all.size() != 1 || answers.repeats != 0) throw std::runtime_error("not answered once");
  return answers.all.begin()->second;
}

std::string describe(const PortAnswer& answer) {
  constexpr std::array<const char*, 7> names{"open",  "closed",  "silent",   "unreachable",
                                             "fault", "stopped", "forbidden"};
  return std::string(names[static_cast<std::size_t>(answer.event)]) +
         (answer.fault_number == 0 ? "" : " " + std::to_string(answer.fault_number));
}

std::size_t descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

}  // namespace

TEST_CASE("a port of loopback where somebody listens is open, else closed") {
  for (const char* address : {"127.0.0.1", "127.9.8.7", "::1"}) {
    const Listener listener(address);
    CHECK(probe(listener.at).event == PortEvent::open);
    CHECK(probe(vacant(address)).event == PortEvent::closed);
  }
}

TEST_CASE("a forbidden port is not touched") {
  asio::io_context io(1);
  KernelWorld world(io, KernelShare(8, 8));
  const Listener listener;
  Answers answers;
  world.probe_port(answers, 1, listener.at, Permit(), never);
  CHECK(answers.all.at(1).event == PortEvent::forbidden);
}

TEST_CASE("regression: a silent port does not keep the io_context from coming to its end") {
  const Listener full("127.0.0.1", 0, 0);
  std::vector<Plain> crowd;  // fills the backlog, so that the next SYN is dropped
  const SocketAddress at = to_socket_address(full.at);
  for (int i = 0; i < 4; ++i) {
    crowd.emplace_back(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    connect(crowd.back().get(), at.get(), at.length);
  }
  asio::io_context io(1);
  KernelWorld world(io, KernelShare(8, 8));
  Answers answers;
  const Permit permit = allow("127.0.0.1");
  for (int round = 0; round < 3; ++round) {
    answers.all.clear();
    world.probe_port(answers, 1, full.at, permit, world.now() + 50ms);
    world.probe_port(answers, 2, full.at, permit, world.now() + 20ms);
    io.restart();
    io.run_for(patience);
    CHECK(io.stopped());
    REQUIRE(answers.all.size() == 2);
    CHECK(answers.all.at(1).event == PortEvent::silent);
    CHECK(answers.all.at(2).event == PortEvent::silent);
  }
}

TEST_CASE("a stop ends the probes in flight, each once") {
  const Listener full("127.0.0.1", 0, 0);
  std::vector<Plain> crowd;
  const SocketAddress at = to_socket_address(full.at);
  for (int i = 0; i < 4; ++i) {
    crowd.emplace_back(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    connect(crowd.back().get(), at.get(), at.length);
  }
  asio::io_context io(1);
  KernelWorld world(io, KernelShare(8, 8));
  Answers answers;
  const Permit permit = allow("127.0.0.1");
  for (std::uint32_t token = 1; token <= 5; ++token) world.probe_port(answers, token, full.at, permit, never);
  asio::post(io, [&] { world.stop(); });
  io.run_for(patience);
  CHECK(io.stopped());
  CHECK(answers.all.size() == 5);
  CHECK(answers.repeats == 0);
  for (const auto& [token, answer] : answers.all) CHECK(answer.event == PortEvent::stopped);
  world.probe_port(answers, 6, full.at, permit, never);
  CHECK(answers.all.at(6).event == PortEvent::stopped);
}

TEST_CASE("a machine without descriptors says so, and never closed") {
  const Listener listener;
  const Endpoint nobody = vacant();
  asio::io_context io(1);
  KernelWorld world(io, KernelShare(8, 8));
  Answers answers;
  const Permit permit = allow("127.0.0.1");
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  rlimit low = before;
  low.rlim_cur = 0;
  REQUIRE(setrlimit(RLIMIT_NOFILE, &low) == 0);
  world.probe_port(answers, 1, listener.at, permit, never);
  world.probe_port(answers, 2, nobody, permit, never);
  Reason connecting = Reason::local_fault;
  Reason sending = Reason::local_fault;
#ifndef __SANITIZE_ADDRESS__  // the sanitizer itself needs descriptors to look at a coroutine
  connecting = sending = Reason::observed;
  auto task = [&]() -> awaitable<void> {
    const Instant deadline = world.now() + 100ms;
    const Result<std::unique_ptr<Stream>> stream = co_await world.connect(listener.at, permit, deadline);
    if (!stream) connecting = stream.error().reason;
    const Result<std::unique_ptr<Datagram>> socket =
        co_await world.open_datagram(udp("127.0.0.1", 9), permit, deadline);
    if (!socket) sending = socket.error().reason;
  };
  start(io, task);
  io.run_for(patience);
#endif
  REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK(describe(answers.all.at(1)) == "fault " + std::to_string(EMFILE));
  CHECK(describe(answers.all.at(2)) == "fault " + std::to_string(EMFILE));
  CHECK(connecting == Reason::local_fault);
  CHECK(sending == Reason::local_fault);
  world.probe_port(answers, 3, listener.at, permit, never);
  CHECK(answers.all.at(3).event == PortEvent::open);
}

TEST_CASE("a thousand probes leave no descriptor behind") {
  const Listener listener;
  const Endpoint nobody = vacant();
  asio::io_context io(1);
  KernelWorld world(io, KernelShare(16, 16));
  Answers answers;
  const Permit permit = allow("127.0.0.1");
  const std::size_t before = descriptors();
  for (std::uint32_t token = 0; token < 1'000; ++token) {
    world.probe_port(answers, token, token % 2 == 0 ? listener.at : nobody, permit, world.now() + 5s);
    if (token % 2 == 0) listener.take().end();
  }
  io.run_for(patience);
  CHECK(answers.all.size() == 1'000);
  CHECK(answers.repeats == 0);
  CHECK(descriptors() == before);
}

TEST_CASE("a port that would connect to itself is closed") {
  // Every source port is 40000, so that a connect to it cannot but meet itself.
  const auto said = in_own_network(
      "40000 40000", +[] {
        std::string all;
        for (const char* address : {"127.0.0.1", "10.9.9.1"}) {
          const Endpoint itself = tcp(address, 40'000);
          {
            const SocketAddress at = to_socket_address(itself);
            const Plain plain(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
            all += connect(plain.get(), at.get(), at.length) == 0 ? "connects: " : "does not connect: ";
            Plain(dup(plain.get())).reset();  // leaves no TIME_WAIT
          }
          all += describe(probe(itself)) + " ";
          asio::io_context io(1);
          KernelWorld world(io, KernelShare(8, 8));
          const Permit permit = allow(address);
          auto task = [&]() -> awaitable<void> {
            const Result<std::unique_ptr<Stream>> stream = co_await world.connect(itself, permit, world.now() + 5s);
            all += std::string(stream ? "connected" : name_of(stream.error().reason)) + "; ";
          };
          start(io, task);
          io.run_for(patience);
        }
        return all;
      });
  if (!said) {
    WARN("skipped: no network namespaces here");
    return;
  }
  CHECK(*said == "connects: closed refused; connects: closed refused; ");
}

TEST_CASE("regression: a port that accepts and resets at once is open") {
  const auto said = in_own_network(
      "", +[] {
        const Listener listener("10.9.9.1", 4'000);
        asio::io_context io(1);
        KernelWorld world(io, KernelShare(8, 8));
        Answers answers;
        const Permit permit = allow("10.9.9.1");
        world.probe_port(answers, 1, listener.at, permit, world.now() + 5s);
        std::string all = answers.all.empty() ? "in flight, " : "answered, ";
        listener.take().reset();  // before anybody looks
        io.run_for(patience);
        return all + describe(answers.all.at(1));
      });
  if (!said) {
    WARN("skipped: no network namespaces here");
    return;
  }
  CHECK(said->starts_with("in flight, open"));
}

TEST_CASE("a missing route is this machine's fault") {
  const auto said = in_own_network(
      "", +[] {
        std::string all = describe(probe(tcp("192.0.2.1", 22))) + "; " + describe(probe(tcp("2001:db8::1", 22)));
        asio::io_context io(1);
        KernelWorld world(io, KernelShare(8, 8));
        const Permit permit = allow("192.0.2.1");
        auto task = [&]() -> awaitable<void> {
          const Result<std::unique_ptr<Stream>> stream =
              co_await world.connect(tcp("192.0.2.1", 22), permit, world.now() + 5s);
          all += "; " + std::string(name_of(stream.error().reason));
          const Result<std::unique_ptr<Datagram>> socket =
              co_await world.open_datagram(udp("192.0.2.1", 53), permit, world.now() + 5s);
          all += "; " + std::string(name_of(socket.error().reason));
        };
        start(io, task);
        io.run_for(patience);
        return all;
      });
  if (!said) {
    WARN("skipped: no network namespaces here");
    return;
  }
  const std::string fault = "fault " + std::to_string(ENETUNREACH);
  CHECK(*said == fault + "; " + fault + "; local_fault; local_fault");
}

#include <catch2/catch.hpp>
#include <fstream>

#include "net/kernel_world.hpp"
#include "own_network.hpp"
#include "peers.hpp"
#include "proto/icmp_echo.hpp"

using namespace audit;
using namespace audit::net;
using namespace audit::test;

namespace {

std::string in_words(const Result<EchoAnswer>& answer) {
  if (!answer) return std::string(name_of(answer.error().reason));
  return std::string(name_of(answer->reason)) + " " + std::to_string(answer->number);
}

/// Runs a coroutine over the kernel's world, in the network of this process.
template <class Task>
void run(asio::io_context& io, Task& task) {
  start(io, task);
  io.run_for(20s);  // a test that needs so long has failed
  if (!io.stopped()) throw std::runtime_error("it did not come to its end");
}

void answer_echoes(bool wanted) {
  std::ofstream switch_file("/proc/sys/net/ipv4/icmp_echo_ignore_all");
  switch_file << (wanted ? "0" : "1") << std::flush;
  if (!switch_file.good()) throw std::runtime_error("icmp_echo_ignore_all cannot be set");
}

/// A raw socket that reads requests and replies as it likes.
struct Forger {
  Forger() : socket(::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP)) {
    const timeval patience{20, 0};  // of a test that has already failed
    setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }

  /// The next request that arrives.
  std::string request() const {
    while (true) {
      const std::string packet = socket.hear();
      if (packet.empty()) throw std::runtime_error("no request came");
      const auto carried = proto::strip_ipv4_header(packet);
      if (carried && (*carried)[0] == 8) return std::string(*carried);
    }
  }
  static std::string reply_to(std::string message) {
    message[0] = message[2] = message[3] = 0;
    const std::uint16_t sum = proto::internet_checksum(message);
    message[2] = static_cast<char>(sum >> 8U);
    message[3] = static_cast<char>(sum & 0xffU);
    return message;
  }
  void say(const std::string& message) const {
    const SocketAddress to = to_socket_address(tcp("127.0.0.1", 0));
    if (sendto(socket.get(), message.data(), message.size(), 0, to.get(), to.length) < 0)
      throw std::runtime_error("cannot send");
  }

  Plain socket;
};

}  // namespace

TEST_CASE("hosts of the machine itself answer echoes, each on its family's one socket") {
  const auto said = in_own_network(
      "", +[] {
        std::string all;
        asio::io_context io(1);
        KernelWorld world(io, KernelShare(8, 8));
        auto task = [&]() -> awaitable<void> {
          for (const char* address : {"127.0.0.1", "10.9.9.1", "::1"}) {
            const Permit permit = allow(address);
            Result<std::unique_ptr<Echo>> echo = world.open_echo(ip(address), permit, 1'000);
            if (!echo) {
              all += echo.error().message;
              continue;
            }
            for (int i = 0; i < 2; ++i) {
              all += (*echo)->send() ? "" : "not sent ";
              const Result<EchoAnswer> answer = co_await (*echo)->receive(world.now() + 5s);
              all += in_words(answer) + ", ";
            }
            const Result<EchoAnswer> none = co_await (*echo)->receive(world.now() + 5ms);
            all += in_words(none) + " by " + std::string(name_of((*echo)->method())) + "; ";
          }
        };
        run(io, task);
        return all;
      });
  if (!said) {
    WARN("skipped: no network namespaces here");
    return;
  }
  const std::string each = "observed 0, observed 1, timeout by icmp-raw; ";
  CHECK(*said == each + each + each);
}

TEST_CASE("a reply is believed once, from its host, with its payload; the others are counted") {
  const auto said = in_own_network(
      "", +[] {
        answer_echoes(false);
        std::string all;
        asio::io_context io(1);
        KernelWorld world(io, KernelShare(8, 8));
        const Forger forger;
        auto task = [&]() -> awaitable<void> {
          const Permit permit = allow("127.0.0.1");
          Result<std::unique_ptr<Echo>> echo = world.open_echo(ip("127.0.0.1"), permit);
          static_cast<void>((*echo)->send());
          const std::string request = forger.request();
          std::string forged = request;
          forged.back() = static_cast<char>(~forged.back());
          forger.say(Forger::reply_to(forged));  // payload
          forged = request;
          forged[7] = static_cast<char>(~forged[7]);
          forger.say(Forger::reply_to(forged));  // sequence: nobody's
          forged = request;
          forged[5] = static_cast<char>(~forged[5]);
          forger.say(Forger::reply_to(forged));  // id: nobody's
          Result<EchoAnswer> answer = co_await (*echo)->receive(world.now() + 20ms);
          all += in_words(answer) + " " + std::to_string((*echo)->foreign()) + "; ";
          forger.say(Forger::reply_to(request));
          forger.say(Forger::reply_to(request));
          answer = co_await (*echo)->receive(world.now() + 5s);
          all += in_words(answer) + "; ";
          answer = co_await (*echo)->receive(world.now() + 20ms);
          all += in_words(answer) + " " + std::to_string((*echo)->duplicates());
        };
        run(io, task);
        return all;
      });
  if (!said) {
    WARN("skipped: no network namespaces here");
    return;
  }
  CHECK(*said == "timeout 1; observed 0; timeout 1");
}

TEST_CASE("ids, sequences and payloads are not the same twice") {
  const auto said = in_own_network(
      "", +[] {
        answer_echoes(false);
        const Forger forger;
        std::vector<std::string> requests;
        for (int i = 0; i < 4; ++i) {
          asio::io_context io(1);
          KernelWorld world(io, KernelShare(8, 8));
          const Permit permit = allow("127.0.0.1");
          Result<std::unique_ptr<Echo>> echo = world.open_echo(ip("127.0.0.1"), permit);
          static_cast<void>((*echo)->send());
          requests.push_back(forger.request());
        }
        bool differ = true;
        for (std::size_t i = 1; i < requests.size(); ++i)
          differ = differ && requests[i].substr(4, 4) != requests[0].substr(4, 4) &&
                   requests[i].substr(8) != requests[0].substr(8);
        return std::string(differ ? "differ" : "the same");
      });
  if (!said) {
    WARN("skipped: no network namespaces here");
    return;
  }
  CHECK(*said == "differ");
}

TEST_CASE("a host out of scope gets no echo, and a missing route is this machine's fault") {
  const auto said = in_own_network(
      "", +[] {
        asio::io_context io(1);
        KernelWorld world(io, KernelShare(8, 8));
        const Permit permit = allow("192.0.2.1");
        std::string all(name_of(world.open_echo(ip("127.0.0.1"), permit).error().reason));
        Result<std::unique_ptr<Echo>> echo = world.open_echo(ip("192.0.2.1"), permit);
        const Result<void> sent = (*echo)->send();
        return all + " " + (sent ? "sent" : std::string(name_of(sent.error().reason)));
      });
  if (!said) {
    WARN("skipped: no network namespaces here");
    return;
  }
  CHECK(*said == "out_of_scope local_fault");
}

TEST_CASE("an echo that nobody answers ends with the run, or when nobody waits for it any more") {
  const auto said = in_own_network(
      "", +[] {
        answer_echoes(false);
        std::string all;
        asio::io_context io(1);
        KernelWorld world(io, KernelShare(8, 8));
        auto task = [&]() -> awaitable<void> {
          const Permit permit = allow("127.0.0.1");
          Result<std::unique_ptr<Echo>> echo = world.open_echo(ip("127.0.0.1"), permit);
          static_cast<void>((*echo)->send());
          asio::post(io, [&] { (*echo)->cancel(); });
          Result<EchoAnswer> answer = co_await (*echo)->receive(never);
          all += in_words(answer) + " ";
          echo = world.open_echo(ip("127.0.0.1"), permit);
          static_cast<void>((*echo)->send());
          asio::post(io, [&] { world.stop(); });
          answer = co_await (*echo)->receive(never);
          all += in_words(answer) + " ";
          all += name_of(world.open_echo(ip("127.0.0.1"), permit).error().reason);
        };
        run(io, task);
        return all;
      });
  if (!said) {
    WARN("skipped: no network namespaces here");
    return;
  }
  CHECK(*said == "timeout stopped stopped");
}

#include "net/dns_cache.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <thread>

#include "dns_answers.hpp"
#include "net/kernel_world.hpp"
#include "net/resolver.hpp"
#include "peers.hpp"

using namespace audit;
using namespace audit::net;
using namespace audit::test;

namespace {

const Endpoint server = udp("192.0.2.1", 53);

/// A resolver of one server, whose answers hold 300 s.
struct Names : Stage {
  Names() : resolver(world, (config.servers = {server}, config)) {
    world.datagrams(server, [this](std::string_view query) -> std::optional<std::string> {
      if (mute) return std::nullopt;
      return dns_answer(query, {"10.0.0.7", "2001:db8::7"}, flags);
    });
  }

  Result<DnsReply> ask(std::string name, bool fresh = false, Duration patience = 30s) {
    Result<DnsReply> said = Error(Reason::stopped, "");
    auto task = [&]() -> awaitable<void> {
      proto::DnsQuestion question;
      question.name = std::move(name);
      const DnsManner manner;
      said = co_await resolver.ask(std::move(question), manner, fresh, in(patience));
    };
    play(world, task);
    return said;
  }
  void pass(Duration duration) {
    auto task = [&]() -> awaitable<void> {
      Sleeper sleeper(world.deadlines());
      co_await sleeper.sleep(in(duration));
    };
    play(world, task);
  }
  [[nodiscard]] std::ptrdiff_t queries() const {
    return std::count_if(world.sent().begin(), world.sent().end(),
                         [](const auto& sent) { return !sent.bytes.empty(); });
  }

  ResolverConfig config;
  Resolver resolver;
  std::uint16_t flags = 0x8180;
  bool mute = false;
};

}  // namespace

TEST_CASE("an answer is not asked for again while its TTL holds, whatever the case of the name") {
  Names names;
  CHECK_FALSE(names.ask("host.example")->cached);
  CHECK(names.ask("HOST.example.")->cached);
  names.pass(299s);
  CHECK(names.ask("host.example")->cached);
  CHECK(names.queries() == 1);
  names.pass(2s);
  CHECK_FALSE(names.ask("host.example")->cached);
  CHECK(names.queries() == 2);
}

TEST_CASE("a fresh question is asked whatever is known, and what it brings is known from then on") {
  Names names;
  CHECK(names.ask("host.example"));
  CHECK_FALSE(names.ask("host.example", true)->cached);
  CHECK(names.ask("host.example")->cached);
  CHECK(names.queries() == 2);
}

TEST_CASE("failures, and denials without an SOA, are not kept") {
  Names names;
  names.flags = 0x8182;
  CHECK(names.ask("host.example"));
  const std::ptrdiff_t failing = names.queries();
  names.flags = 0x8183;
  CHECK(names.ask("host.example")->message.rcode == "NXDOMAIN");
  CHECK(names.ask("host.example")->message.rcode == "NXDOMAIN");
  CHECK(names.queries() == failing + 2);
}

TEST_CASE("a thousand that ask the same at once ask once, and each has the answer") {
  Names names;
  int answered = 0;
  auto task = [&]() -> awaitable<void> {
    proto::DnsQuestion question;
    question.name = "host.example";
    const DnsManner manner;
    const Result<DnsReply> reply = co_await names.resolver.ask(question, manner, false, names.in(30s));
    if (reply && reply->message.answers.size() == 1) ++answered;
  };
  for (int i = 0; i < 999; ++i) start(names.io, task);
  play(names.world, task);
  CHECK(answered == 1'000);
  CHECK(names.queries() == 1);
}

TEST_CASE("shards ask each name once together, whoever comes first") {
  constexpr int shards = 4;
  constexpr int names = 200;
  const Plain socket = bound("127.0.0.1", 0, SOCK_DGRAM);
  ResolverConfig config;
  config.servers = {net::local_end(socket.get(), Transport::udp)};
  config.timeout = 20s;  // nothing is asked again for want of time
  config.attempts = 1;
  const timeval moment{0, 100'000};
  REQUIRE(setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &moment, sizeof moment) == 0);
  const auto cache = std::make_shared<DnsCache>();
  std::atomic<int> answered = 0;
  std::atomic<int> cached = 0;
  std::atomic<int> left = shards;
  const auto shard = [&] {
    asio::io_context io(1);
    KernelWorld world(io, KernelShare(8, 8));
    Resolver resolver(world, config, cache);
    auto task = [&]() -> awaitable<void> {
      for (int i = 0; i < names; ++i) {
        proto::DnsQuestion question;
        question.name = "host" + std::to_string(i) + ".example";
        const DnsManner manner;
        const Result<DnsReply> reply = co_await resolver.ask(question, manner, false, world.now() + 20s);
        if (reply && reply->message.answers.size() == 1) ++answered;
        if (reply && reply->cached) ++cached;
      }
    };
    start(io, task);
    io.run_for(20s);  // a test that needs so long has failed
    --left;
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < shards; ++i) threads.emplace_back(shard);
  int queries = 0;
  while (left > 0) {
    std::array<char, 4'096> buffer;
    SocketAddress from;
    from.length = sizeof from.storage;
    const ssize_t got = recvfrom(socket.get(), buffer.data(), buffer.size(), 0, from.get(), &from.length);
    if (got <= 0) continue;
    ++queries;
    const std::string query(buffer.data(), static_cast<std::size_t>(got));
    const std::string answer = dns_answer(query, {"10.0.0.7", "2001:db8::7"});
    CHECK(sendto(socket.get(), answer.data(), answer.size(), 0, from.get(), from.length) > 0);
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(answered == shards * names);
  CHECK(queries == names);
  CHECK(cached == (shards - 1) * names);
}

TEST_CASE("who waits for another's question ends by its own deadline, and asks where that one failed") {
  Names names;
  names.mute = true;
  Result<DnsReply> impatient = Error(Reason::stopped, "");
  auto first = [&]() -> awaitable<void> {
    proto::DnsQuestion question;
    question.name = "host.example";
    const DnsManner manner;
    const Result<DnsReply> reply = co_await names.resolver.ask(question, manner, false, names.in(30s));
    CHECK_FALSE(reply);
  };
  auto second = [&]() -> awaitable<void> {
    proto::DnsQuestion question;
    question.name = "host.example";
    const DnsManner manner;
    impatient = co_await names.resolver.ask(question, manner, false, names.in(1s));
  };
  start(names.io, first);
  start(names.io, second);
  names.world.run();
  CHECK(impatient.error().reason == Reason::timeout);
  names.mute = false;
  CHECK(names.ask("host.example"));
}

TEST_CASE("an answer holds as long as the least of its TTLs, a denial as its SOA says, an hour at the most") {
  proto::DnsMessage message;
  message.rcode = "NOERROR";
  CHECK(time_to_live(message) == 0s);
  message.answers.resize(2);
  message.answers[0].ttl = 60;
  message.answers[1].ttl = 30;
  CHECK(time_to_live(message) == 30s);
  message.answers[1].ttl = 0;
  CHECK(time_to_live(message) == 0s);
  message.answers[0].ttl = message.answers[1].ttl = 86'400;
  CHECK(time_to_live(message) == 1h);
  message.answers.clear();
  message.rcode = "NXDOMAIN";
  message.authority.resize(1);
  message.authority[0].type = "SOA";
  message.authority[0].ttl = 600;
  message.authority[0].data = "ns.example. hostmaster.example. 1 3600 600 86400 60";
  CHECK(time_to_live(message) == 60s);
  message.rcode = "SERVFAIL";
  CHECK(time_to_live(message) == 0s);
}

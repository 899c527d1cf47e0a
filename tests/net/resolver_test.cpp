#include "net/resolver.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>
#include <thread>

#include "dns_answers.hpp"
#include "net/kernel_world.hpp"
#include "net/waiting.hpp"
#include "peers.hpp"
#include "proto/dns_tcp.hpp"

using namespace audit;
using namespace audit::net;
using namespace audit::test;

namespace {

const Endpoint first = udp("192.0.2.1", 53);
const Endpoint second = udp("192.0.2.2", 53);

struct Scene : Stage {
  Scene() { config.servers = {first, second}; }

  void serve(const Endpoint& server, const ScriptedWorld::DatagramPeer& peer) { world.datagrams(server, peer); }
  /// "10.0.0.1 2001:db8::1", or the error's kind.
  std::string resolve(const std::string& name) {
    Resolver resolver(world, config);
    std::string said;
    auto task = [&]() -> awaitable<void> {
      std::string asked = name;
      Result<Resolved> resolved = co_await resolver.addresses(std::move(asked), in(30s));
      if (!resolved) {
        said = name_of(resolved.error().reason);
        message = resolved.error().message;
        co_return;
      }
      for (const IpAddress& address : resolved->addresses) said += (said.empty() ? "" : " ") + format_address(address);
      message = resolved->notice;
    };
    play(world, task);
    return said;
  }
  [[nodiscard]] std::ptrdiff_t queries(const Endpoint& server) const {
    return std::count_if(world.sent().begin(), world.sent().end(),
                         [&](const auto& sent) { return sent.to == server && !sent.bytes.empty(); });
  }

  ResolverConfig config;
  std::string message;
};

ScriptedWorld::DatagramPeer silent() {
  return [](std::string_view) { return std::nullopt; };
}

ScriptedWorld::DatagramPeer answering(std::vector<std::string> addresses, std::uint16_t flags = 0x8180) {
  return
      [addresses = std::move(addresses), flags](std::string_view query) { return dns_answer(query, addresses, flags); };
}

}  // namespace

TEST_CASE("a name leads to its A and AAAA records, IPv4 first") {
  Scene scene;
  scene.serve(first, answering({"2001:db8::1", "10.0.0.1", "10.0.0.2", "10.0.0.1"}));
  CHECK(scene.resolve("host.example") == "10.0.0.1 10.0.0.2 2001:db8::1");
  CHECK(scene.message.empty());
  CHECK(scene.queries(first) == 2);
  CHECK(scene.queries(second) == 0);
}

TEST_CASE("NXDOMAIN is an answer, and no other server is asked") {
  Scene scene;
  scene.serve(first, answering({}, 0x8183));
  CHECK(scene.resolve("host.example") == "unresolved");
  CHECK(scene.message.find("NXDOMAIN") != std::string::npos);
  CHECK(scene.queries(second) == 0);
}

TEST_CASE("regression: an address within NXDOMAIN or SERVFAIL is not believed") {
  Scene scene;
  scene.serve(first, answering({"10.66.66.66"}, 0x8183));
  CHECK(scene.resolve("host.example") == "unresolved");
  scene.serve(first, answering({"10.66.66.66"}, 0x8182));
  scene.serve(second, answering({"10.66.66.66"}, 0x8182));
  CHECK(scene.resolve("host.example") == "timeout");
}

TEST_CASE("where the first server fails the second is asked") {
  Scene scene;
  scene.serve(second, answering({"10.0.0.1"}));
  SECTION("SERVFAIL") { scene.serve(first, answering({}, 0x8182)); }
  SECTION("REFUSED") { scene.serve(first, answering({}, 0x8185)); }
  SECTION("silence") { scene.serve(first, silent()); }
  SECTION("garbage") {
    scene.serve(first, [](std::string_view) { return std::string("garbage"); });
  }
  SECTION("nobody there") { scene.world.host(first.address); }
  CHECK(scene.resolve("host.example") == "10.0.0.1");
}

TEST_CASE("silent servers are asked in rounds, and the name is not known to be missing") {
  Scene scene;
  scene.serve(first, silent());
  scene.serve(second, silent());
  CHECK(scene.resolve("host.example") == "timeout");
  CHECK(scene.message.find("NXDOMAIN") == std::string::npos);
  CHECK(scene.queries(first) == 4);  // two rounds for each type
  CHECK(scene.queries(second) == 4);
}

TEST_CASE("the attempts of a question last up to an eighth longer, at random") {
  Scene scene;
  scene.serve(first, silent());
  scene.serve(second, silent());
  std::set<Duration> took;
  for (int i = 0; i < 8; ++i) {
    const Instant began = scene.world.now();
    CHECK(scene.resolve("host" + std::to_string(i) + ".example") == "timeout");
    took.insert(scene.world.now() - began);
  }
  CHECK(took.size() > 4);
  CHECK(*took.begin() >= 8s);
  CHECK(*took.rbegin() <= 9s);
}

TEST_CASE("an answer of another id or another question is not believed") {
  Scene scene;
  int lies = 0;
  scene.serve(first, [&](std::string_view query) {
    ++lies;
    std::string lie = dns_answer(query, {"10.66.66.66", "2001:db8:bad::1"});
    lies % 2 == 0 ? lie[0] = static_cast<char>(lie[0] + 1) : lie[13] = 'x';
    return lie;
  });
  scene.serve(second, answering({"10.0.0.1"}));
  CHECK(scene.resolve("host.example") == "10.0.0.1");
  CHECK(lies > 0);
}

TEST_CASE("a truncated answer is asked for again over TCP") {
  Scene scene;
  scene.config.servers = {first};
  std::string query_bytes;
  scene.serve(first, [&](std::string_view query) {
    query_bytes = query;
    ScriptedPort port;
    const std::string framed = proto::frame_dns_tcp(dns_answer(query, {"10.0.0.1", "10.0.0.2"}));
    port.steps = {ScriptStep::expect(query_bytes), ScriptStep::say(framed, {}, 3), ScriptStep::hang()};
    scene.world.port(tcp("192.0.2.1", 53), std::move(port));
    return dns_answer(query, {"10.0.0.1"}, 0x8380);
  });
  CHECK(scene.resolve("host.example") == "10.0.0.1 10.0.0.2");
}

TEST_CASE("a server that does not know EDNS is asked without") {
  Scene scene;
  scene.config.servers = {first};
  scene.serve(first, [](std::string_view query) {
    const bool edns = query[11] != 0;
    return dns_answer(query, {"10.0.0.1"}, edns ? 0x8181 : 0x8180);
  });
  CHECK(scene.resolve("host.example") == "10.0.0.1");
}

TEST_CASE("half an answer says what is missing") {
  Scene scene;
  scene.config.servers = {first};
  scene.serve(first, [](std::string_view query) {
    return dns_answer(query, {"10.0.0.1"}, asked_type(query) == 1 ? 0x8180 : 0x8182);
  });
  CHECK(scene.resolve("host.example") == "10.0.0.1");
  CHECK(scene.message.find("AAAA: SERVFAIL") != std::string::npos);
}

TEST_CASE("the search list is tried in its order, before or after the name by its dots") {
  Scene scene;
  scene.config.servers = {first};
  scene.config.search = {"one.example", "two.example"};
  scene.config.use_system = false;
  std::vector<std::string> asked;
  std::string known = "host.two.example.";
  scene.serve(first, [&](std::string_view query) {
    if (asked_type(query) == 1) asked.push_back(asked_name(query));
    const bool found = asked_name(query) == known;
    return dns_answer(query, {"10.0.0.1"}, found ? 0x8180 : 0x8183);
  });
  CHECK(scene.resolve("host") == "10.0.0.1");
  CHECK(asked == std::vector<std::string>{"host.one.example.", "host.two.example."});
  asked.clear();
  known = "a.b.one.example.";
  CHECK(scene.resolve("a.b") == "10.0.0.1");
  CHECK(asked == std::vector<std::string>{"a.b.", "a.b.one.example."});
}

TEST_CASE(
    "regression: an absolute name is not tried with the search list, and a failure is that of the name as written") {
  Scene scene;
  scene.config.servers = {first};
  scene.config.search = {"one.example"};
  scene.serve(first, answering({}, 0x8183));
  CHECK(scene.resolve("host.example.") == "unresolved");
  CHECK(scene.queries(first) == 2);
  CHECK(scene.resolve("host.example") == "unresolved");
  CHECK(scene.message.find("host.example does not resolve") == 0);
}

TEST_CASE("the hosts file comes first, and sends nothing") {
  Scene scene;
  scene.config.hosts = std::make_shared<const proto::HostsFile>("10.1.1.1 host.example\n");
  CHECK(scene.resolve("host.example") == "10.1.1.1");
  CHECK(scene.world.sent().empty());
}

TEST_CASE("a name without a dot, and every name where no server is known, is the system's to answer") {
  Scene scene;
  scene.world.name("printer", {ip("10.0.0.9")});
  scene.world.name("host.example", {ip("10.0.0.8")});
  CHECK(scene.resolve("printer") == "10.0.0.9");
  scene.config.servers.clear();
  CHECK(scene.resolve("host.example") == "10.0.0.8");
  CHECK(scene.resolve("other.example") == "unresolved");
  scene.config.use_system = false;
  CHECK(scene.resolve("host.example") == "timeout");
  CHECK(scene.message.find("no DNS server is known") != std::string::npos);
}

TEST_CASE("a name is unresolved only where a server says of all that was asked that there is none") {
  const auto of_type = [](int answered) {
    return [answered](std::string_view query) -> std::optional<std::string> {
      if (asked_type(query) != answered) return std::nullopt;
      return dns_answer(query, {});
    };
  };
  Scene scene;
  scene.config.servers = {first};
  scene.serve(first, answering({}, 0x8180));
  CHECK(scene.resolve("a.example") == "unresolved");
  for (const int answered : {1, 28}) {
    scene.serve(first, of_type(answered));  // the other type is met with silence
    CHECK(scene.resolve("b.example") == "timeout");
  }
  scene.serve(first, answering({}, 0x8185));
  CHECK(scene.resolve("c.example") == "timeout");
}

TEST_CASE("regression: a machine without descriptors does not make a name unresolved") {
  Scene scene;
  scene.config.servers = {first};
  scene.serve(first, answering({"10.0.0.1"}));
  ScriptedPort faulty;
  SECTION("for a moment: nothing is seen of it") {
    faulty.faults_first = 3;
    scene.world.port(first, faulty);
    CHECK(scene.resolve("host.example") == "10.0.0.1");
  }
  SECTION("for good: it says so") {
    faulty.event = PortEvent::fault;
    scene.world.port(first, faulty);
    CHECK(scene.resolve("host.example") == "local_fault");
    CHECK(scene.queries(first) == 0);
  }
}

TEST_CASE("a stop ends a lookup as stopped") {
  Scene scene;
  scene.serve(first, silent());
  auto stop = [&]() -> awaitable<void> {
    Sleeper sleeper(scene.world.deadlines());
    co_await sleeper.sleep(scene.in(1s));
    scene.world.stop();
  };
  start(scene.io, stop);
  CHECK(scene.resolve("host.example") == "stopped");
  CHECK(scene.queries(first) == 2);  // A and AAAA at once
}

TEST_CASE("a lie that comes before the answer is passed over") {
  const Plain server = bound("127.0.0.1", 0, SOCK_DGRAM);
  const timeval patience{20, 0};
  setsockopt(server.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  std::thread peer([&] {
    std::array<char, 512> buffer;
    SocketAddress from;
    from.length = sizeof from.storage;
    const ssize_t got = recvfrom(server.get(), buffer.data(), buffer.size(), 0, from.get(), &from.length);
    if (got < 0) return;
    const std::string truth = dns_answer(std::string_view(buffer.data(), static_cast<std::size_t>(got)), {"10.0.0.1"});
    std::string lie = truth;
    lie[0] = static_cast<char>(lie[0] ^ 1);
    for (const std::string& answer : {lie, std::string("x"), truth})
      sendto(server.get(), answer.data(), answer.size(), 0, from.get(), from.length);
  });
  asio::io_context io(1);
  KernelWorld world(io, KernelShare(4, 4));
  ResolverConfig config;
  config.servers = {local_end(server.get(), Transport::udp)};
  Resolver resolver(world, config);
  std::string said;
  auto task = [&]() -> awaitable<void> {
    proto::DnsQuestion question;
    question.name = "host.example";
    const DnsManner manner;
    Result<DnsReply> reply = co_await resolver.ask(question, manner, false, world.now() + 15s);
    said = reply ? reply->message.answers.at(0).data : reply.error().message;
  };
  start(io, task);
  io.run_for(20s);
  peer.join();
  CHECK(said == "10.0.0.1");
}

/// DNS queries by the primitive alone, one shard a core: no Lua, no report. Reads dnsperf's list ("name type" a line), asks
/// each once of 127.0.0.1:PORT, and prints how many had the one answer they must have, and how many had not.

#include <atomic>
#include <cstdio>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "audit/run.hpp"
#include "net/kernel_world.hpp"
#include "probe/ask.hpp"
#include "probe/services.hpp"
#include "probe/target.hpp"

using namespace audit;

namespace {

constexpr std::size_t checks_at_once = 64;     // of a shard
constexpr std::size_t questions_a_check = 20;  // of which each has a context, as under a rule
constexpr double unlimited = 1e9;

struct Work {
  std::vector<std::string> names;
  std::atomic<std::size_t> next{0};
  std::atomic<std::size_t> good{0};
  std::atomic<std::size_t> bad{0};
};

awaitable<void> check(probe::Services& services, Work& work, std::size_t first) {
  probe::Target target(services, "bench", "", net::Permit(), probe::TargetLimits());
  probe::Context context(target, never);
  const probe::Word& dns = *probe::find_word("dns");
  for (std::size_t i = first; i < std::min(first + questions_a_check, work.names.size()); ++i) {
    probe::Question question;
    question.subject = work.names[i];
    const std::shared_ptr<const probe::Answer> answer = co_await probe::ask(dns, context, std::move(question));
    const bool right = answer->outcome.ok() && answer->fields.at("answers").get_if<Value::Array>()->size() == 1;
    ++(right ? work.good : work.bad);
  }
}

awaitable<void> checks(probe::Services& services, Work& work) {
  while (true) {
    const std::size_t first = work.next.fetch_add(questions_a_check);
    if (first >= work.names.size()) co_return;
    co_await check(services, work, first);
  }
}

void shard(Work& work, net::Rate& rate, const net::ResolverConfig& resolver, std::uint32_t descriptors) {
  asio::io_context io(1);
  net::KernelWorld world(io, net::KernelShare(2, descriptors));
  const probe::Identity identity;
  probe::Services services(world, rate, resolver, identity);
  for (std::size_t i = 0; i < checks_at_once; ++i)
    asio::co_spawn(io, checks(services, work), [](const std::exception_ptr& failure) {
      if (failure) std::rethrow_exception(failure);
    });
  io.run();
}

}  // namespace

int main(int count, char** words) {
  if (count != 3) {
    std::fprintf(stderr, "usage: dns_loop PORT NAMES\n");
    return 64;
  }
  const core::Machinery machinery = core::measure_machinery();
  net::ResolverConfig resolver;
  resolver.servers.push_back(parse_socket("127.0.0.1:" + std::string(words[1]), Transport::udp, 53).value());
  resolver.use_system = false;
  Work work;
  std::ifstream list(words[2]);
  for (std::string name, type; list >> name >> type;) work.names.push_back(name);
  net::Rate rate(unlimited);
  std::vector<std::thread> threads;
  for (std::uint32_t i = 0; i < machinery.shards; ++i)
    threads.emplace_back(shard, std::ref(work), std::ref(rate), std::cref(resolver), machinery.descriptors / 2);
  for (std::thread& thread : threads) thread.join();
  std::printf("%zu %zu\n", work.good.load(), work.bad.load());
  return work.bad == 0 ? 0 : 1;
}

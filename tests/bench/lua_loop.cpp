/// What a check costs, on one core with a scripted network: prints a line a measure, as `name value`.

#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <ctime>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "lua/machine.hpp"
#include "net/scripted_world.hpp"
#include "probe/services.hpp"
#include "probe/target.hpp"

using namespace audit;

namespace {

/// This process's time on a processor, so that the machine's other work does not count.
struct Clock {
  using duration = std::chrono::nanoseconds;
  static duration now() {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
  }
};

constexpr int asks = 1'000'000;
constexpr int live = 2'000;

double microseconds(Clock::duration took) { return std::chrono::duration<double, std::micro>(took).count(); }

IpAddress host() { return parse_address("10.0.0.1").value(); }

/// One target whose port 22 says hello, and the rules that ask it.
class Lab {
 public:
  explicit Lab(std::initializer_list<std::string_view> bodies) {
    for (const std::string_view body : bodies) {
      auto rule = std::make_shared<lua::Rule>();
      rule->record.id = "bench.r" + std::to_string(set_.rules.size());
      rule->path = rule->record.id + ".lua";
      rule->source = "return rule { check = function(target)\n" + std::string(body) + "\nend }\n";
      rule->requires_nothing = true;
      set_.rules.push_back(std::move(rule));
    }
    net::ScriptedPort port;
    port.steps = {net::ScriptStep::say("hello\n"), net::ScriptStep::end()};
    Endpoint endpoint;
    endpoint.address = host();
    endpoint.port = 22;
    world.host(host());
    world.port(endpoint, std::move(port));
    lua::Budget budget;
    budget.steps = std::uint64_t{1} << 40U;
    budget.probes = 2 * asks;
    machine_.emplace(set_, budget);
    machine_->supervise({&on_cpu_, nullptr});  // as in a run
    target_.emplace(services_, "10.0.0.1", "", net::Permit({host()}, TransportPorts()), probe::TargetLimits());
    subject_.id = subject_.address = "10.0.0.1";
    subject_.addresses = {"10.0.0.1"};
  }

  awaitable<lua::Outcome> check(std::size_t rule) {
    return machine_->run(rule, subject_, params_, *target_, never, std::nullopt);
  }
  /// Runs the checks one after the other; each has to pass, or to inform.
  Clock::duration run(std::size_t rule, int times) {
    const auto began = Clock::now();
    auto task = [&]() -> awaitable<void> {
      for (int i = 0; i < times; ++i) {
        const lua::Outcome outcome = co_await check(rule);
        if (outcome.finding.status == Status::error) throw std::runtime_error(outcome.finding.message);
      }
    };
    asio::co_spawn(world.io(), task, [](const std::exception_ptr& failure) {
      if (failure) std::rethrow_exception(failure);
    });
    world.run();
    return Clock::now() - began;
  }

  asio::io_context io{1};
  net::ScriptedWorld world{io};

 private:
  lua::OnCpu on_cpu_;
  lua::RuleSet set_;
  net::Rate rate_{1e9};
  net::ResolverConfig resolver_;
  probe::Identity identity_;
  probe::Services services_{world, rate_, resolver_, identity_};
  std::optional<lua::Machine> machine_;
  std::optional<probe::Target> target_;
  lua::Subject subject_;
  Value::Object params_;
};

void yields() {
  const std::string body = "for i = 1, " + std::to_string(asks) + " do parallel {} end return info('x')";
  const std::string empty =  // the table given, the table got, a call
      "for i = 1, " + std::to_string(asks) + " do local t = {} t = {} type(t) end return info('x')";
  Lab lab{body, empty};
  lab.run(1, 1);
  const Clock::duration loop = lab.run(1, 1);
  std::printf("yield_us %.3f\n", microseconds(lab.run(0, 1) - loop) / asks);
}

void cached() {
  Lab lab{"return pass(target:banner(22))",
          "for i = 1, " + std::to_string(asks / 10) + " do target:banner(22) end return info('x')"};
  lab.run(0, 1'000);
  std::printf("ask_us %.3f\n", microseconds(lab.run(1, 1)) / (asks / 10));
  const Clock::duration took = lab.run(0, asks);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("check_us %.3f\nmillion_s %.2f\nmillion_mib %ld\n", microseconds(took) / asks, microseconds(took) / 1e6,
              usage.ru_maxrss / 1'024);
}

/// The longest that the shard does one thing while checks with tables of their own come and go.
void stalls() {
  Lab lab{
      "local t = {} for i = 1, 500 do t[i] = { i, tostring(i) } end\n"
      "for i = 1, 20 do target:banner(22, { fresh = true }) t[i] = { t } end return info(tostring(#t))"};
  int left = 2 * live;
  auto task = [&]() -> awaitable<void> {
    while (left-- > 0) {
      const lua::Outcome outcome = co_await lab.check(0);
      if (outcome.finding.status == Status::error) throw std::runtime_error(outcome.finding.message);
    }
  };
  for (int i = 0; i < live; ++i)
    asio::co_spawn(lab.world.io(), task, [](const std::exception_ptr& failure) {
      if (failure) std::rethrow_exception(failure);
    });
  Clock::duration longest{};
  while (true) {
    const auto began = Clock::now();
    const std::size_t done = lab.io.poll_one();
    longest = std::max(longest, Clock::now() - began);
    if (done > 0) continue;
    if (!lab.world.step(lab.world.deadlines().next())) break;
    lab.io.restart();
  }
  std::printf("stall_ms %.1f\n", microseconds(longest) / 1e3);
}

}  // namespace

int main(int count, char** words) {
  const std::string_view what = count == 2 ? words[1] : "";
  if (what == "yield")
    yields();
  else if (what == "check")
    cached();
  else if (what == "stall")
    stalls();
  else
    return std::fputs("usage: lua_loop yield | check | stall\n", stderr), 64;
  return 0;
}

#include "random_run.hpp"

#include <fmt/format.h>

namespace audit::core {
namespace {

using net::PortEvent;
using net::ScriptStep;

const char* const bodies[] = {
    "return pass('spoke', target:banner(22))",
    "return pass({ p = target:port(22) })",
    "return fail('open', target:port(80))",
    "return pass('trust me')",
    "return fail('trust me', { state = 'open' })",
    "return not_applicable('no')",
    "return info('seen', target:port(23))",
    "",
    "error('crash')",
    "local x = nil; x()",
    "error({})",
    "while true do end",
    "while true do pcall(function() while true do end end) end",
    "local t = {} while true do t[#t + 1] = {} end",
    "try(target.banner, target, 22) return pass('swallowed')",
    "pcall(target.banner, target, 22) pcall(target.port, target, 23) return pass('swallowed')",
    "while true do try(target.banner, target, 80) end",
    "pcall(target.port, target, 9100) return pass('never')",
    "pcall(target.port, target, { address = '10.250.0.1', port = 22 }) return pass('outside')",
    "pcall(target.udp, target, 161, { send = 'x' }) return pass('udp')",
    "return pass('udp', target:udp(161, { send = 'x' }))",
    "return pass('dns', target:dns('a.example'))",
    "pass(target:port(22)) return pass(target:port(22))",
    "if not target.address then return fail('no address') end return pass(target:port(80))",
    "local c <close> = target:connect(22) c:write('x') for i = 1, 50000 do end return pass(c:read_line(), c)",
    "local c = target:connect(80) local l = try(c.read_line, c) return l and pass(l, c) or fail('nothing said', c)",
    "local w = target:http(80) return pass(w.status .. '', w)",
    "local s = target:port(22).state if s == 'closed' then return pass('closed', target:port(22)) end return fail(s, "
    "target:port(22))",
    "return pass('fresh', target:port(23, { fresh = true, attempts = 1 }))",
    "if endpoint then return pass('here', target:banner(endpoint)) end return pass(target:port(22))",
    "return pass('answers', target:ping(nil, { count = 2 }))",
    "return pass('answers', target:ping(target.address, { count = 1 }))",
    "try(target.ping, target) return pass('swallowed')",
    "pcall(target.ping, target, '10.250.0.1') return pass('outside')",
    "if endpoint then return fail('here', target:port(endpoint)) end return fail('x', target:port(80))",
};

const char* const collecting[] = {
    "return { seen = target:port(22) }",
    "return target:port(80)",
    "return target:port(22)",
    "return target:banner(22)",
    "return { port = target:port(22), id = target.id }",
    "return { target:port(80), try(target.banner, target, 22) }",
    "return try(target.banner, target, 22)",
    "local c <close> = target:connect(80) return c",
    "return nil",
    "return target.id",
    "return target:port(22).state",
    "return pass('early', target:port(22))",
    "error('crash')",
    "while true do end",
    "pcall(target.port, target, 9100) return target:port(23)",
};

const char* const judging[] = {
    "return pass('of ' .. run.collected)",
    "return pass('all', { run = run.targets })",
    "return pass('trust me')",
    "return fail('trust me')",
    "return pass('complete', { run = run.complete })",
    "for one in run:each() do return pass('seen', one.collected) end return not_applicable('none')",
    "local n = 0 for one in run:each() do n = n + 1 end return fail('' .. n)",
    "return info('x' .. run.targets)",
    "return not_applicable('x' .. run.missing_count)",
    "",
    "run:port(22)",
    "while true do end",
};

const std::uint16_t ports[] = {21, 22, 23, 80, 443, 8080, 9100};

}  // namespace

RandomRun::RandomRun(std::uint64_t seed) : random_(seed) {
  make_inventory();
  std::unique_ptr<Plan> plan = plan_of(inventory, make_rules(), "", seed);
  worked = std::make_unique<Worked>(std::move(plan));
  worked->shared.budget.steps = 30'000;
  worked->shared.budget.memory = 256U << 10U;
  worked->shared.budget.probes = 20;
  worked->shared.targets_open = static_cast<std::uint32_t>(1 + pick(40));
  worked->shared.checks_live = static_cast<std::uint32_t>(1 + pick(20));
  make_world();
}

std::string RandomRun::some_address() { return fmt::format("10.0.0.{}", 1 + pick(40)); }

std::string RandomRun::some_ports() {
  std::string text;
  for (std::uint64_t i = 0, count = 1 + pick(3); i < count; ++i)
    text += fmt::format("{}{}", text.empty() ? "" : ", ", ports[pick(std::size(ports))]);
  return text;
}

std::string RandomRun::make_group(int number) {
  std::string text = fmt::format("[groups.g{}]\n", number);
  if (chance(50))
    text += fmt::format("expect.tcp = {{ sweep = \"{}\", require = [{}], allow = [{}] }}\n",
                        chance(50)   ? "20-25"
                        : chance(20) ? "1-200"
                                     : "80",
                        chance(60) ? some_ports() : "", chance(60) ? some_ports() : "");
  if (chance(20)) text += fmt::format("expect.udp = {{ sweep = [53, {}], require = [161] }}\n", 1 + pick(300));
  if (chance(20)) text += "expect.names = [\"*.example\"]\n";
  if (chance(20))
    text += fmt::format("expect.services = [{{ port = {}, service = \"ssh\" }}]\n", ports[pick(std::size(ports))]);
  if (chance(30)) text += fmt::format("never = [\"tcp/{}\"]\n", ports[pick(std::size(ports))]);
  if (chance(30)) text += fmt::format("safety = \"{}\"\n", chance(50) ? "connect" : "intrusive");
  if (chance(15)) text += "assume_up = true\n";
  if (chance(30))
    text += fmt::format("limits = {{ attempts = {}, per_target = {}, timeout = \"1s\" }}\n", 1 + pick(3), 1 + pick(3));
  return text;
}

void RandomRun::make_inventory() {
  inventory = "schema = 1\n";
  if (chance(60)) {
    std::string excludes;
    for (std::uint64_t i = 0, count = 1 + pick(3); i < count; ++i)
      excludes += fmt::format("{}\"{}\"", excludes.empty() ? "" : ", ",
                              chance(70)   ? some_address()
                              : chance(50) ? "10.0.0.16/29"
                                           : "lab-*");
    inventory += fmt::format("[scope]\nexclude = [{}]\n", excludes);
    if (chance(30)) inventory += "include = [\"10.0.0.0/24\"]\n";
    if (chance(30)) inventory += "never = [\"tcp/443\", \"udp/161\"]\n";
  }
  const int groups = static_cast<int>(1 + pick(3));
  std::vector<std::string> texts;
  for (int i = 0; i < groups; ++i) inventory += make_group(i);
  const auto entry = [&](const std::string& address) {
    if (std::find(texts.begin(), texts.end(), address) != texts.end()) return;
    texts.push_back(address);
    inventory += fmt::format("[[targets]]\naddress = \"{}\"\n", address);
    if (chance(70)) inventory += fmt::format("groups = [\"g{}\"]\n", pick(static_cast<std::uint64_t>(groups)));
  };
  entry(some_address());
  for (std::uint64_t i = 0, count = pick(4); i < count; ++i) entry(some_address());
  if (chance(50)) entry(chance(50) ? "10.0.0.0/28" : "10.0.0.16/28");
  if (chance(20)) entry("10.0.0.8/29");
  if (chance(20)) entry("10.0.0.30-10.0.0.35");
  const char* known[] = {"a.example", "b.example", "lab-1", "nowhere", "mapped", "loop"};
  for (const char* name : known)
    if (chance(30)) entry(name);
  for (const char* name : {"a.example", "b.example", "lab-1"})
    for (std::uint64_t i = 0, count = 1 + pick(3); i < count; ++i)
      names[name].push_back(*parse_address(some_address()));
  names["mapped"] = {*parse_address("::ffff:10.0.0.5"), *parse_address("10.77.0.1")};
  names["loop"] = {*parse_address("127.0.0.1"), *parse_address(some_address())};
}

std::vector<std::shared_ptr<lua::Rule>> RandomRun::make_rules() {
  std::vector<std::shared_ptr<lua::Rule>> rules;
  for (std::uint64_t i = 0, count = 1 + pick(8); i < count; ++i) {
    RuleMake make;
    make.body = bodies[pick(std::size(bodies))];
    if (chance(65)) {
      for (std::uint64_t n = 0, many = 1 + pick(3); n < many; ++n)
        make.ports += fmt::format("{}{}", make.ports.empty() ? "" : ",", ports[pick(std::size(ports))]);
      make.endpoint = chance(30);
      make.absent = chance(50) ? Status::pass : Status::not_applicable;
    }
    make.safety = chance(20) ? Safety::connect : Safety::normal;
    rules.push_back(make_rule(fmt::format("test.r{}", i), make));
  }
  for (std::uint64_t i = 0, count = pick(3); i < count; ++i) {
    RuleMake make;
    make.collect = collecting[pick(std::size(collecting))];
    make.body = judging[pick(std::size(judging))];
    if (chance(70)) make.ports = chance(50) ? "22" : "22,80";
    make.safety = chance(60) ? Safety::connect : Safety::normal;
    rules.push_back(make_rule(fmt::format("test.w{}", i), make));
  }
  return rules;
}

void RandomRun::make_world() {
  Worked& w = *worked;
  for (int i = 1; i <= 40; ++i) {
    const std::string address = fmt::format("10.0.0.{}", i);
    const PortEvent others[] = {PortEvent::closed, PortEvent::silent, PortEvent::unreachable, PortEvent::fault};
    if (chance(60)) w.host(address, chance(70) ? PortEvent::closed : others[pick(4)]);
    for (const std::uint16_t port : ports) {
      if (!chance(35)) continue;
      Endpoint endpoint;
      endpoint.address = *parse_address(address);
      endpoint.port = port;
      net::ScriptedPort behaviour;
      behaviour.event = chance(60) ? PortEvent::open : chance(50) ? PortEvent::closed : others[pick(4)];
      behaviour.round_trip = std::chrono::milliseconds(1 + pick(chance(20) ? 3'000 : 50));
      if (chance(10)) behaviour.faults_first = static_cast<std::uint32_t>(1 + pick(12));
      const ScriptStep steps[] = {ScriptStep::say("SSH-2.0-x\r\n"),
                                  ScriptStep::say("HTTP/1.1 200 OK\r\n\r\n", {}, 3),
                                  ScriptStep::hang(),
                                  ScriptStep::reset(),
                                  ScriptStep::end(),
                                  ScriptStep::expect("x"),
                                  ScriptStep::say("slow\n", std::chrono::seconds(1), 1),
                                  ScriptStep::say("\xff\0\x1b")};
      for (std::uint64_t n = 0, count = pick(4); n < count; ++n)
        behaviour.steps.push_back(steps[pick(std::size(steps))]);
      w.world.port(endpoint, std::move(behaviour));
    }
    if (chance(30)) {
      net::ScriptedEcho echo;
      echo.lost_first = static_cast<std::uint32_t>(pick(5));
      echo.round_trip = std::chrono::milliseconds(1 + pick(chance(20) ? 3'000 : 50));
      echo.unreachable = chance(10);
      w.world.echoes(*parse_address(address), echo);
    }
    if (chance(20)) {
      Endpoint snmp;
      snmp.address = *parse_address(address);
      snmp.port = 161;
      snmp.transport = Transport::udp;
      w.world.datagrams(snmp, [](std::string_view) { return std::optional<std::string>("reply"); });
    }
  }
  if (chance(15)) w.world.no_echo("no ICMP socket: denied");
  std::erase_if(names, [&](const auto&) { return !chance(90); });  // those that nobody resolves
  for (const auto& [name, addresses] : names) w.world.name(name, addresses);
}

void RandomRun::run() {
  if (chance(40)) {
    stopped = true;
    const auto when = worked->world.now() + std::chrono::milliseconds(chance(50) ? pick(200) : pick(70'000));
    asio::co_spawn(
        worked->io,
        [](net::ScriptedWorld& world, Instant at) -> awaitable<void> {
          net::Sleeper sleeper(world.deadlines());
          const net::Wake woken = co_await sleeper.sleep(at);
          if (woken == net::Wake::deadline) world.stop();
        }(worked->world, when),
        [](const std::exception_ptr& failure) { REQUIRE_FALSE(failure); });
  }
  worked->run();
}

}  // namespace audit::core

#include "net/scripted_world.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <asio/executor_work_guard.hpp>
#include <cerrno>

#include "net/scripted_stream.hpp"
#include "net/system_error.hpp"
#include "net/waiting.hpp"

namespace audit::net {
namespace {

IcmpError port_unreachable(const IpAddress& from) {
  IcmpError error;
  error.from = from;
  error.type = from.family == Family::v4 ? 3 : 1;
  error.code = from.family == Family::v4 ? 3 : 4;
  return error;
}

}  // namespace

ScriptStep ScriptStep::say(std::string bytes, Duration delay, std::size_t split) {
  ScriptStep step;
  step.kind = Kind::say;
  step.bytes = std::move(bytes);
  step.delay = delay;
  step.split = split;
  return step;
}

ScriptStep ScriptStep::expect(std::string bytes) {
  ScriptStep step;
  step.kind = Kind::expect;
  step.bytes = std::move(bytes);
  return step;
}

ScriptStep ScriptStep::answer(Make make, std::size_t split) {
  ScriptStep step;
  step.kind = Kind::answer;
  step.make = std::move(make);
  step.split = split;
  return step;
}

ScriptStep ScriptStep::tls(TlsSession session, Duration delay) {
  ScriptStep step;
  step.kind = Kind::tls;
  step.delay = delay;
  step.handshake = std::make_shared<const Result<TlsSession>>(std::move(session));
  return step;
}

ScriptStep ScriptStep::tls(Error error, Duration delay) {
  ScriptStep step;
  step.kind = Kind::tls;
  step.delay = delay;
  step.handshake = std::make_shared<const Result<TlsSession>>(std::move(error));
  return step;
}

ScriptStep ScriptStep::end() {
  ScriptStep step;
  step.kind = Kind::end;
  return step;
}

ScriptStep ScriptStep::reset() {
  ScriptStep step;
  step.kind = Kind::reset;
  return step;
}

ScriptStep ScriptStep::hang() { return {}; }

/// A port's answer on its way back.
struct ScriptedWorld::Answering final : DeadlineList::Entry {
  ScriptedWorld* world = nullptr;
  PortSink* sink = nullptr;
  std::uint32_t token = 0;
  PortAnswer answer;

  ~Answering() { world->deadlines().remove(*this); }

  void expired(Expiry why) override {
    if (why == Expiry::stopped) answer.event = PortEvent::stopped;
    --world->in_flight_;
    sink->answered(token, answer);
  }
};

ScriptedWorld::ScriptedWorld(asio::io_context& io, std::uint64_t seed) : World(io), random_(seed) {}

ScriptedWorld::~ScriptedWorld() = default;

void ScriptedWorld::host(const IpAddress& address, PortEvent other) { hosts_[address] = other; }

void ScriptedWorld::port(const Endpoint& endpoint, ScriptedPort behaviour) { ports_[endpoint] = std::move(behaviour); }

void ScriptedWorld::datagrams(const Endpoint& endpoint, DatagramPeer peer) {
  many_datagrams(endpoint, [one = std::move(peer)](std::string_view bytes) {
    std::vector<std::string> replies;
    if (std::optional<std::string> reply = one(bytes)) replies.push_back(std::move(*reply));
    return replies;
  });
}

void ScriptedWorld::many_datagrams(const Endpoint& endpoint, DatagramPeers peer) {
  datagrams_[endpoint] = std::move(peer);
}

void ScriptedWorld::icmp(const Endpoint& endpoint, const IcmpError& error) { icmp_[endpoint] = error; }

void ScriptedWorld::name(const std::string& name, std::vector<IpAddress> addresses) {
  names_[name] = std::move(addresses);
}

void ScriptedWorld::run() {
  io().restart();  // it stopped when an earlier call ended
  const auto work = asio::make_work_guard(io());
  while (step(never)) {
  }
}

bool ScriptedWorld::step(Instant until) {
  while (io().poll() > 0) {
  }
  const Instant next = deadlines().next();
  if (next == never || next > until) return false;
  now_ = std::max(now_, next);
  deadlines().advance(now_);
  std::erase_if(answering_, [](const auto& item) { return !item->waiting(); });
  while (io().poll() > 0) {
  }
  return true;
}

WallTime ScriptedWorld::wall() const {
  constexpr std::int64_t epoch_ms = 1'800'000'000'000;  // a fixed day, so that scripted reports never change
  return WallTime(std::chrono::milliseconds(epoch_ms) +
                  std::chrono::duration_cast<std::chrono::milliseconds>(now_.time_since_epoch()));
}

void ScriptedWorld::random(std::span<std::uint8_t> bytes) {
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random_());
}

ScriptedPort ScriptedWorld::behaviour_of(const Endpoint& to) {
  if (const auto known = ports_.find(to); known != ports_.end()) {
    ScriptedPort behaviour = known->second;
    if (known->second.faults_first > 0) {
      --known->second.faults_first;
      behaviour.event = PortEvent::fault;
    }
    return behaviour;
  }
  ScriptedPort behaviour;
  const auto host = hosts_.find(to.address);
  behaviour.event = host == hosts_.end() ? PortEvent::silent : host->second;
  return behaviour;
}

void ScriptedWorld::do_probe_port(PortSink& sink, std::uint32_t token, const Endpoint& to, Instant deadline,
                                  KeptConnections* /*kept*/) {
  sent_.push_back({to, ""});
  const ScriptedPort behaviour = behaviour_of(to);
  PortAnswer answer;
  answer.event = behaviour.event;
  if (behaviour.event == PortEvent::fault) {  // however far the peer is
    answer.fault_number = EMFILE;
    sink.answered(token, answer);
    return;
  }
  answer.took = behaviour.round_trip;
  Instant when = now_ + behaviour.round_trip;
  if (behaviour.event == PortEvent::silent || when > deadline) {
    answer.event = PortEvent::silent;
    when = deadline;
  }
  auto& answering = *answering_.emplace_back(std::make_unique<Answering>());
  answering.world = this;
  answering.sink = &sink;
  answering.token = token;
  answering.answer = answer;
  most_in_flight_ = std::max(most_in_flight_, ++in_flight_);
  deadlines().add(answering, when);
}

awaitable<Result<std::unique_ptr<Stream>>> ScriptedWorld::do_connect(Endpoint to, Instant deadline) {
  sent_.push_back({to, ""});
  ScriptedPort behaviour = behaviour_of(to);
  const bool answers = behaviour.event == PortEvent::open || behaviour.event == PortEvent::closed ||
                       behaviour.event == PortEvent::unreachable;
  if (behaviour.event == PortEvent::fault) co_return errno_error(EMFILE, FaultSource::here, to);
  const Instant answer_at = now_ + behaviour.round_trip;
  Sleeper sleeper(deadlines());
  const Wake wake = co_await sleeper.sleep(answers ? std::min(deadline, answer_at) : deadline);
  if (wake == Wake::stopped) co_return Error(Reason::stopped, format_endpoint(to) + ": the run was stopped");
  const bool late = !answers || now_ < answer_at;
  if (late || behaviour.event != PortEvent::open) note(to, late ? Said::What::waited_in_vain : Said::What::refused);
  if (late) co_return Error(Reason::timeout, format_endpoint(to) + ": the deadline passed while connecting");
  if (behaviour.event == PortEvent::closed) co_return errno_error(ECONNREFUSED, FaultSource::network, to);
  if (behaviour.event == PortEvent::unreachable) co_return errno_error(EHOSTUNREACH, FaultSource::network, to);
  if (const auto known = ports_.find(to); known != ports_.end() && !known->second.later.empty()) {
    known->second.steps = std::move(known->second.later.front());
    known->second.later.pop_front();
  }
  note(to, Said::What::connected);
  auto log = [this, to](std::string_view bytes) {
    sent_.push_back({to, std::string(bytes)});
    note(to, Said::What::sent, bytes);
  };
  std::unique_ptr<Stream> stream =
      std::make_unique<ScriptedStream>(*this, to, std::move(behaviour.steps), std::move(log));
  co_return stream;
}

awaitable<Result<std::unique_ptr<Datagram>>> ScriptedWorld::do_open_datagram(Endpoint to, Instant /*deadline*/) {
  if (ports_.contains(to) && behaviour_of(to).event == PortEvent::fault)
    co_return errno_error(EMFILE, FaultSource::here, to);
  DatagramPeers peer;
  if (const auto known = datagrams_.find(to); known != datagrams_.end()) peer = known->second;
  auto log = [this](const Endpoint& where, std::string_view bytes) {
    sent_.push_back({where, std::string(bytes)});
    note(where, Said::What::sent, bytes);
  };
  const auto moved = answers_from_.find(to);
  const std::uint16_t from = moved == answers_from_.end() ? to.port : moved->second;
  std::optional<IcmpError> icmp;
  if (const auto known = icmp_.find(to); known != icmp_.end()) {
    icmp = known->second;
  } else if (!peer && hosts_.contains(to.address)) {
    icmp = port_unreachable(to.address);
  }
  std::unique_ptr<Datagram> datagram =
      std::make_unique<ScriptedDatagram>(*this, to, std::move(peer), from, icmp, std::move(log));
  co_return datagram;
}

Result<std::unique_ptr<Echo>> ScriptedWorld::do_open_echo(const IpAddress& to, std::size_t size) {
  if (!why_no_echo_.empty()) return Error(Reason::local_fault, why_no_echo_);
  std::optional<ScriptedEcho> script;
  if (const auto known = echoes_.find(to); known != echoes_.end()) script = known->second;
  auto log = [this, to] { echoed_.push_back(to); };
  std::unique_ptr<Echo> echo = std::make_unique<ScriptedEchoes>(*this, to, size, script, std::move(log));
  return echo;
}

awaitable<Result<std::vector<IpAddress>>> ScriptedWorld::look_up(std::string name, Instant /*deadline*/) {
  const auto known = names_.find(name);
  if (known == names_.end()) co_return Error(Reason::unresolved, name + ": not a known name");
  co_return known->second;
}

}  // namespace audit::net

#include "probe/port.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "net/system_error.hpp"
#include "probe/options.hpp"

namespace audit::probe {
namespace {

int openness(Reason state) {
  switch (state) {
    case Reason::open: return 3;
    case Reason::filtered: return 2;
    case Reason::closed: return 1;
    default: return 0;
  }
}

std::string_view why(const PortState& state) {
  switch (state.state) {
    case Reason::open: return "SYN-ACK";
    case Reason::closed: return "RST";
    default: return state.unreachable ? "ICMP unreachable" : "no answer";
  }
}

/// A lane of the network, held over all attempts; given back where this ends.
class OwnLane {
 public:
  OwnLane(net::PrefixLimit& prefixes, const IpAddress& host)
      : prefixes_(prefixes), count_(prefixes.count_of(canonical(host))) {}
  ~OwnLane() {
    if (taken_) net::PrefixLimit::give_back_lane(count_);
  }
  OwnLane(const OwnLane&) = delete;
  OwnLane& operator=(const OwnLane&) = delete;

  /// `open` once it is had; else timeout or stopped. Who has to wait looks again, as sweeps do.
  awaitable<Reason> take(net::World& world, Instant deadline) {
    constexpr Duration look_again = std::chrono::milliseconds(5);
    net::Sleeper sleeper(world.deadlines());
    while (!prefixes_.try_take_lane(count_)) {
      if (world.now() >= deadline) co_return Reason::timeout;
      const net::Wake slept = co_await sleeper.sleep(std::min(world.now() + look_again, deadline));
      if (slept == net::Wake::stopped) co_return Reason::stopped;
    }
    taken_ = true;
    co_return Reason::open;
  }

 private:
  net::PrefixLimit& prefixes_;
  net::PrefixLimit::Count& count_;
  bool taken_ = false;
};

}  // namespace

Result<PortOptions> PortOptions::read(Context& context, const Question& question) {
  constexpr std::int64_t most_attempts = 10;
  const TargetLimits& limits = context.target().limits();
  Options options("port", question.options);
  const Duration timeout = options.seconds("timeout", limits.timeout);
  const auto attempts = static_cast<std::uint32_t>(options.integer("attempts", limits.attempts, 1, most_attempts));
  const PortOptions read(timeout, attempts, question.fresh);
  if (Result<void> done = options.done(); !done) return done.error();
  return read;
}

Error port_error(const Endpoint& endpoint, const PortState& state) {
  switch (state.state) {
    case Reason::local_fault: return net::errno_error(state.fault_number, net::FaultSource::here, endpoint);
    case Reason::out_of_scope:
      return {Reason::out_of_scope,
              format_endpoint(endpoint) + " is outside the scope, or a port that `never` forbids: nothing was sent"};
    case Reason::timeout:
      return {Reason::timeout, format_endpoint(endpoint) + ": the deadline passed before every attempt was spent"};
    case Reason::unreachable:
      return {Reason::unreachable, format_endpoint(endpoint) + " was not asked: the host gave no sign of life"};
    case Reason::stopped: return {Reason::stopped, format_endpoint(endpoint) + ": the run was stopped"};
    case Reason::not_recorded:
      return {Reason::not_recorded, format_endpoint(endpoint) + ": the transcript holds no answer of this port"};
    default:
      return {Reason::unreachable, format_endpoint(endpoint) + ": the network says that the host cannot be reached"};
  }
}

awaitable<PortState> port(Context& context, Endpoint endpoint, PortOptions options) {
  Target& target = context.target();
  Services& services = target.services();
  if (!options.fresh && target.swept() != nullptr) {
    if (const PortState* known = target.swept()->find(endpoint.address, endpoint.port)) {
      ++services.counters.asked;
      ++services.counters.shared;
      co_return *known;
    }
  }
  std::vector<IpAddress> hosts(1, endpoint.address);
  std::vector<std::uint16_t> ports(1, endpoint.port);
  SweepLimits limits(options.timeout, options.attempts, target.limits().gap, context.deadline());
  limits.prefixes = services.prefixes;
  // The lane first: who has a place in the network may wait for the turn, so nobody may wait for a place and have it.
  std::optional<OwnLane> lane;
  if (target.limits().gap != Duration::zero() && services.prefixes != nullptr && services.prefixes->bounds_lanes()) {
    lane.emplace(*services.prefixes, endpoint.address);
    if (const Reason had = co_await lane->take(services.world, context.deadline()); had != Reason::open) {
      PortState unasked;
      unasked.state = had;
      co_return unasked;
    }
    limits.prefixes = nullptr;
  }
  Result<net::Place> turn = co_await target.keep_gap(context.deadline());
  if (!turn) {
    PortState unasked;
    unasked.state = turn.error().reason;
    co_return unasked;
  }
  if (target.limits().gap == Duration::zero()) {  // else every attempt keeps it
    target.note_sweep();
    turn->release();
  }
  Sweep sweep(services.world, target.permit(), std::move(hosts), std::move(ports), limits);
  co_await services.sweeper.run(sweep);
  target.note_sweep();
  const PortState state = sweep.state(0, 0);
  if (sweep.alive()) target.note_life(endpoint.address);
  co_return state;
}

awaitable<Answer> ask_port(Context& context, Question question) {
  const Result<PortOptions> options = PortOptions::read(context, question);
  std::shared_ptr<Observation> best;
  std::optional<Answer> unknown;  // the first host that could not be asked
  PortState best_state;
  for (const Endpoint& endpoint : question.endpoints) {
    std::shared_ptr<Observation> observation = context.begin("port", format_endpoint(endpoint));
    if (!options) co_return context.fail(observation, options.error());
    const PortState state = co_await port(context, endpoint, *options);
    const bool gone = state.state == Reason::filtered && state.unreachable && !context.target().alive(endpoint.address);
    if (openness(state.state) == 0 || gone) {
      Answer failed = context.fail(observation, port_error(endpoint, state));
      if (failed.outcome.error().reason == Reason::stopped) co_return failed;
      if (!unknown) unknown = std::move(failed);
      continue;
    }
    observation->reason = state.state;
    observation->attempts = state.attempts;
    observation->remote = format_socket(endpoint.address, endpoint.port);
    Value::Object fields;
    fields["state"] = std::string(name_of(state.state));
    fields["reason"] = std::string(why(state));
    if (state.took_us > 0) fields["connect_time"] = static_cast<double>(state.took_us) / 1e6;
    const Answer answer = context.finish(observation, std::move(fields));
    if (state.took_us > 0)
      observation->elapsed = std::chrono::microseconds(state.took_us);  // the sweep's own, where it knew
    if (!best || openness(state.state) > openness(best_state.state)) {
      best = answer.observation;
      best_state = state;
    }
  }
  // Open somewhere is open; but without knowing every host nobody can say that it is not.
  if (unknown && (!best || best_state.state != Reason::open)) co_return std::move(*unknown);
  if (!best) {
    std::shared_ptr<Observation> observation = context.begin("port", question.subject);
    co_return context.fail(observation, Error(Reason::unresolved, context.target().id() + " has no address to ask"));
  }
  Answer answer;
  answer.fields = *best->fields.get_if<Value::Object>();
  answer.observation = std::move(best);
  co_return answer;
}

}  // namespace audit::probe

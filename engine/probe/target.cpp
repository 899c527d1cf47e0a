#include "probe/target.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "probe/answer_cache.hpp"

namespace audit::probe {

Target::Target(Services& services, std::string id, std::string host_name, net::Permit permit, TargetLimits limits)
    : services_(services), id_(std::move(id)), host_name_(std::move(host_name)), permit_(std::move(permit)),
      limits_(limits), conversations_(services.world.deadlines(), limits.per_target),
      leaves_(services.world.deadlines(), std::max(limits.per_target, 2U) - 1), kept_(services.world.deadlines()),
      turns_(services.world.deadlines(), 1), pace_(limits.gap),
      answers_(std::make_unique<AnswerCache>(services.world.deadlines())) {}

Target::~Target() = default;

awaitable<void> Target::sweep(std::vector<std::uint16_t> tcp_ports, bool leave_the_dead, std::uint32_t echoes_awaited) {
  SweepLimits patience(limits_.timeout, limits_.attempts, limits_.gap);
  patience.leave_the_dead = leave_the_dead;
  patience.prefixes = services_.prefixes;
  patience.kept = &kept_;
  sweep_.emplace(services_.world, permit_, permit_.hosts(), std::move(tcp_ports), patience);
  for (const Known& known : known_) {
    if (known.ended)
      sweep_->restore(known.host, *known.ports);
    else
      services_.counters.shared += sweep_->adopt(known.host, *known.ports);
  }
  sweep_->await_echoes(echoes_awaited);
  for (const Lively& one : lively_) sweep_->host_lives(one.host);
  co_await services_.sweeper.run(*sweep_);
  note_sweep();
}

bool Target::alive(const IpAddress& host) const {
  if (std::any_of(lively_.begin(), lively_.end(), [&](const Lively& one) { return one.host == host; })) return true;
  if (!sweep_) return false;
  for (std::size_t i = 0; i < sweep_->hosts().size(); ++i)
    if (sweep_->hosts()[i] == host) return sweep_->alive(i);
  return false;
}

bool Target::alive() const { return !lively_.empty() || (sweep_ && sweep_->alive()); }

void Target::note_life(const IpAddress& host, std::string how) {
  for (const Lively& one : lively_)
    if (one.host == host) return;
  lively_.push_back({host, std::move(how)});
  if (sweep_) sweep_->host_lives(host);
}

std::string Target::life_of(const IpAddress& host) const {
  for (const Lively& one : lively_)
    if (one.host == host && !one.how.empty()) return one.how;
  if (sweep_)
    for (std::size_t i = 0; i < sweep_->hosts().size(); ++i) {
      const auto life = sweep_->hosts()[i] == host ? sweep_->first_life(i) : std::nullopt;
      if (!life) continue;
      return fmt::format("answered tcp/{} ({}) in {:.1f} ms", life->endpoint.port,
                         life->state.state == Reason::open ? "SYN-ACK" : "RST",
                         static_cast<double>(life->state.took_us) / 1e3);
    }
  return alive(host) ? "answered in a conversation" : "";
}

void Target::echo_ended() {
  if (sweep_) sweep_->echo_ended();
}

void Target::keep_connections(PortSet ports) {
  const bool counted = services_.prefixes != nullptr && services_.prefixes->bounds_lanes();
  if (limits_.gap == Duration::zero() && !counted) kept_.want(std::move(ports), limits_.per_target);
}

/// A coroutine that waits for a place, and counts as waiting while it lives.
class Target::Waiter {
 public:
  Waiter(Target& target, Holding& holding)
      : target_(target), holding_(holding), sleeper_(target.services_.world.deadlines()) {
    target_.waiters_.push_back(this);
    ++holding_.waiting;
  }
  ~Waiter() {
    --holding_.waiting;
    std::erase(target_.waiters_, this);
  }
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  [[nodiscard]] const Holding& holding() const noexcept { return holding_; }
  [[nodiscard]] net::Sleeper& sleeper() noexcept { return sleeper_; }
  [[nodiscard]] bool refused() const noexcept { return refused_; }
  void refuse() {
    refused_ = true;
    sleeper_.wake(net::Wake::stopped);
  }

 private:
  Target& target_;
  Holding& holding_;
  net::Sleeper sleeper_;
  bool refused_ = false;
};

Error Target::no_place(net::Wake why) const {
  if (why == net::Wake::stopped) return {Reason::stopped, id_ + ": the run was stopped"};
  return {Reason::timeout, id_ + ": the deadline passed while other conversations with it went on"};
}

Error Target::no_leave(net::Wake why) const {
  if (why == net::Wake::stopped) return no_place(why);
  return {Reason::timeout, id_ +
                               ": the deadline passed while other checks held streams of it, or of its network "
                               "([limits] per_target and per_prefix): one place of theirs is nobody's first"};
}

/// Where every place is held by checks that wait for one more, none of them would go on before its deadline: the check
/// that holds most, of several the one that came last, is told so.
void Target::look_for_standstill() {
  std::vector<const Holding*> stalled;
  for (const Waiter* waiter : waiters_) {
    const Holding& holding = waiter->holding();
    if (holding.stalled() && std::find(stalled.begin(), stalled.end(), &holding) == stalled.end())
      stalled.push_back(&holding);
  }
  std::size_t held = 0;
  const Holding* most = nullptr;
  for (const Holding* holding : stalled) {
    held += holding->streams.size();
    if (most == nullptr || holding->streams.size() >= most->streams.size()) most = holding;
  }
  if (held < limits_.per_target) return;
  for (Waiter* waiter : waiters_)
    if (&waiter->holding() == most) waiter->refuse();
}

awaitable<Result<net::Place>> Target::wait_for_place(Instant deadline, Holding& holding) {
  Waiter waiter(*this, holding);
  if (holding.stalled()) look_for_standstill();
  net::Wake wake = net::Wake::stopped;
  if (!waiter.refused()) wake = co_await conversations_.acquire(waiter.sleeper(), deadline);
  if (wake == net::Wake::signalled) co_return net::Place(conversations_);
  if (!waiter.refused()) co_return no_place(wake);
  co_return Error(
      Reason::over_budget,
      fmt::format("{}: each of the {} that it bears at once ([limits] per_target) is an open stream of a check "
                  "that waits for one more, and none holds more of them than this check, {}: streams have to be "
                  "closed, or opened one after another",
                  id_, counted(limits_.per_target, "conversation"), holding.streams.size()));
}

awaitable<Result<net::Place>> Target::take_place(Endpoint to, Instant deadline, Holding& holding) {
  Result<net::Place> place = Error();
  if (conversations_.try_acquire()) {  // here and below: mostly there is room, and no coroutine is needed to say so
    place = net::Place(conversations_);
  } else {
    place = co_await wait_for_place(deadline, holding);
  }
  if (!place) co_return place.error();
  kept_.trim(conversations_.free(), &to);
  net::PrefixLimit::Count* count = count_of(to.address);
  const auto own = std::count(holding.streams.begin(), holding.streams.end(), count);
  if (count != nullptr && own >= services_.prefixes->most_conversations())
    co_return Error(
        Reason::over_budget,
        fmt::format("{}: each of the {} that rules may have with its network at once ([limits] per_prefix{}) is "
                    "an open stream of this check: streams have to be closed, or opened one after another",
                    id_, counted(services_.prefixes->most_conversations(), "connection"),
                    services_.prefixes->bounds_lanes() ? ", of which one is kept for the sweep" : ""));
  if (count == nullptr) co_return place;
  const auto kind = net::PrefixLimit::Kind::conversation;
  std::shared_ptr<void> free = services_.prefix_queue.try_take(*services_.prefixes, *count, kind);
  if (free) {
    place->hold(std::move(free));
    co_return place;
  }
  Result<std::shared_ptr<void>> prefix = co_await take_prefix(to.address, deadline, kind);
  if (!prefix) co_return prefix.error();
  place->hold(std::move(*prefix));
  co_return place;
}

net::PrefixLimit::Count* Target::count_of(const IpAddress& to) {
  return services_.prefixes == nullptr ? nullptr : &services_.prefixes->count_of(canonical(to));
}

awaitable<Result<std::shared_ptr<void>>> Target::admit_holder(IpAddress to, Instant deadline) {
  const net::Wake wake = co_await leaves_.acquire(deadline);
  if (wake != net::Wake::signalled) co_return no_leave(wake);
  auto place = std::make_shared<net::Place>(leaves_);
  Result<std::shared_ptr<void>> prefix = co_await take_prefix(to, deadline, net::PrefixLimit::Kind::leave);
  if (!prefix) co_return prefix.error().reason == Reason::timeout ? no_leave(net::Wake::deadline) : prefix.error();
  place->hold(std::move(*prefix));
  co_return std::shared_ptr<void>(std::move(place));
}

awaitable<Result<net::Place>> Target::admit_to_ping(IpAddress to, Instant deadline, Holding& holding) {
  Endpoint nowhere;  // no connection is kept to port 0
  nowhere.address = to;
  return take_place(nowhere, deadline, holding);
}

awaitable<Result<net::Place>> Target::admit(IpAddress to, Instant deadline, Holding& holding) {
  Endpoint nowhere;
  nowhere.address = to;
  return admit_to(nowhere, deadline, holding);
}

awaitable<Result<net::Place>> Target::admit_to(Endpoint to, Instant deadline, Holding& holding) {
  Result<net::Place> place = co_await take_place(to, deadline, holding);
  if (!place) co_return place.error();
  if (Result<void> paced = co_await pace(deadline); !paced) co_return paced.error();
  co_return place;
}

awaitable<Result<std::shared_ptr<void>>> Target::take_prefix(IpAddress to, Instant deadline,
                                                             net::PrefixLimit::Kind kind) {
  if (services_.prefixes == nullptr) co_return std::shared_ptr<void>();
  std::shared_ptr<void> place =
      co_await services_.prefix_queue.take(*services_.prefixes, canonical(to), deadline, kind);
  if (place) co_return place;
  if (services_.world.stopped()) co_return Error(Reason::stopped, id_ + ": the run was stopped");
  co_return Error(Reason::timeout, id_ +
                                       ": the deadline passed while other connections with its network went on "
                                       "([limits] per_prefix)");
}

awaitable<Result<void>> Target::pace(Instant deadline) {
  net::Place turn;
  // The gap first: a slot of the rate that waited for it would be used in a second that has slots of its own.
  if (!pace_.free() || pace_.next() > services_.world.now()) {
    Result<net::Place> kept = co_await keep_gap(deadline);
    if (!kept) co_return kept.error();
    turn = std::move(*kept);
  }
  const Instant slot = services_.rate.when(services_.world.now());
  services_.rate.use();
  if (slot > services_.world.now()) {
    const Result<void> waited = co_await wait_for(slot, deadline);
    if (!waited) co_return waited;
  }
  pace_.begin(services_.world.now());
  ++services_.counters.sent;
  co_return Result<void>();
}

awaitable<Result<net::Place>> Target::keep_gap(Instant deadline) {
  const net::Wake wake = co_await turns_.acquire(deadline);
  if (wake == net::Wake::stopped) co_return Error(Reason::stopped, id_ + ": the run was stopped");
  if (wake == net::Wake::deadline) co_return late();
  net::Place turn(turns_);
  while (pace_.next() > services_.world.now()) {  // a sweep may be at it meanwhile
    const Result<void> waited = co_await wait_for(pace_.next(), deadline);
    if (!waited) co_return waited.error();
  }
  co_return turn;
}

Error Target::late() const { return {Reason::timeout, id_ + ": the rate or gap did not let it be asked in time"}; }

awaitable<Result<void>> Target::wait_for(Instant slot, Instant deadline) {
  net::World& world = services_.world;
  if (slot <= world.now()) co_return Result<void>();
  net::Sleeper sleeper(world.deadlines());
  const net::Wake slept = co_await sleeper.sleep(std::min(slot, deadline));
  if (slept == net::Wake::stopped) co_return Error(Reason::stopped, id_ + ": the run was stopped");
  if (slot > deadline) co_return late();
  co_return Result<void>();
}

const std::string& Target::mark_key() {
  constexpr std::size_t size = 32;
  if (mark_key_.empty()) {
    std::array<std::uint8_t, size> bytes{};
    services_.world.random_for("mark " + id_, bytes);
    mark_key_.assign(bytes.begin(), bytes.end());
  }
  return mark_key_;
}

void Target::note_sweep() { pace_.begin(services_.world.now()); }

std::vector<Endpoint> Target::endpoints(std::uint16_t port, Transport transport) const {
  std::vector<Endpoint> found;
  for (const IpAddress& host : hosts()) {
    Endpoint endpoint;
    endpoint.address = host;
    endpoint.port = port;
    endpoint.transport = transport;
    found.push_back(endpoint);
  }
  if (!sweep_ || transport != Transport::tcp) return found;
  std::stable_partition(found.begin(), found.end(), [&](const Endpoint& endpoint) {
    const PortState* state = sweep_->find(endpoint.address, endpoint.port);
    return state != nullptr && state->state == Reason::open;
  });
  return found;
}

}  // namespace audit::probe

#include "probe/sweep.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "net/jitter.hpp"
#include "net/system_error.hpp"

namespace audit::probe {
namespace {

using net::PortEvent;

constexpr std::uint32_t first_window = 32;
constexpr std::uint32_t widest_window = 1'024;
constexpr std::uint32_t widest_unanswered = 256;  // while the host has shown no life
constexpr std::uint32_t narrowest_window = 8;
constexpr std::uint32_t faults_before_giving_up = 7;
constexpr Duration first_pause = std::chrono::milliseconds(20);
constexpr Duration least_patience = std::chrono::milliseconds(300);

constexpr std::uint32_t silent_ones_turn = 8;  // one in so many probes asks a silent port again, while others are fresh

constexpr std::uint32_t first_ports = 64;  // asked of every host, before anybody calls it dead

/// Where the hosts of a network answer most often.
constexpr std::array<std::uint16_t, 24> likely_ports{22,   80,   443,  445,  135, 139,  23,   53,
                                                     3389, 25,   8080, 21,   161, 179,  8443, 5900,
                                                     3306, 5432, 1433, 9100, 631, 2049, 111,  993};

/// Indices of `ports`: the likely ones first, then the others as they stand.
std::vector<std::uint16_t> likely_first(const std::vector<std::uint16_t>& ports) {
  std::vector<std::uint16_t> order;
  std::vector<bool> taken(ports.size());
  order.reserve(ports.size());
  for (const std::uint16_t port : likely_ports) {
    const auto at = std::lower_bound(ports.begin(), ports.end(), port);
    if (at == ports.end() || *at != port) continue;
    const auto index = static_cast<std::uint16_t>(at - ports.begin());
    order.push_back(index);
    taken[index] = true;
  }
  for (std::size_t i = 0; i < ports.size(); ++i)
    if (!taken[i]) order.push_back(static_cast<std::uint16_t>(i));
  return order;
}

std::vector<std::uint16_t> sorted(std::vector<std::uint16_t> ports) {
  std::sort(ports.begin(), ports.end());
  ports.erase(std::unique(ports.begin(), ports.end()), ports.end());
  return ports;
}

}  // namespace

Sweep::Sweep(net::World& world, const net::Permit& permit, std::vector<IpAddress> hosts,
             std::vector<std::uint16_t> ports, SweepLimits limits)
    : world_(world), permit_(permit), hosts_(std::move(hosts)), ports_(sorted(std::move(ports))), limits_(limits),
      states_(hosts_.size() * ports_.size()), alive_(hosts_.size()),
      first_end_(static_cast<std::uint32_t>(states_.size())), lives_(hosts_.size()),
      undecided_(static_cast<std::uint32_t>(states_.size())), window_(limits.gap > Duration::zero() ? 1 : first_window),
      faults_in_a_row_(hosts_.size()), given_up_(hosts_.size()), done_(world.deadlines()) {
  if (limits_.prefixes != nullptr && limits_.prefixes->bounds_lanes())
    for (const IpAddress& host : hosts_) prefixes_.push_back(&limits_.prefixes->count_of(canonical(host)));
  if (!limits_.leave_the_dead || ports_.size() <= first_ports) return;
  order_ = likely_first(ports_);
  first_end_ = static_cast<std::uint32_t>(first_ports * hosts_.size());
}

Sweep::~Sweep() { world_.deadlines().remove(*this); }

const PortState* Sweep::find(const IpAddress& host, std::uint16_t port) const {
  const auto at_host = std::find(hosts_.begin(), hosts_.end(), host);
  const auto at_port = std::lower_bound(ports_.begin(), ports_.end(), port);
  if (at_host == hosts_.end() || at_port == ports_.end() || *at_port != port) return nullptr;
  return &state(static_cast<std::size_t>(at_host - hosts_.begin()), static_cast<std::size_t>(at_port - ports_.begin()));
}

Endpoint Sweep::endpoint(std::uint32_t token) const {
  Endpoint endpoint;
  endpoint.address = hosts_[host_of(token)];
  endpoint.port = ports_[token / hosts_.size()];
  return endpoint;
}

Duration Sweep::patience(std::uint8_t attempt) const {
  if (smoothed_ == Duration::zero()) return limits_.timeout;
  const Duration seen = std::max(least_patience, smoothed_ + 4 * variance_);
  return std::min(limits_.timeout, seen * (1U << std::min<unsigned>(attempt - 1U, 8U)));
}

Sweep::Next Sweep::next(Instant now, std::uint32_t& token) {
  if (world_.stopped()) {
    give_up(Reason::stopped);
    if (undecided_ == 0) done_.happen();
    return Next::nothing;
  }
  skip_to_fresh();
  const bool fresh_left = fresh_ < states_.size() && (fresh_ < first_end_ || beyond_the_first());
  if (undecided_ == 0) {
    done_.happen();
    return Next::nothing;
  }
  if (!fresh_left && again_.empty()) return Next::nothing;
  if (in_flight_ >= window_) return Next::window_full;
  if (now < not_before_) {
    if (!waiting()) world_.deadlines().add(*this, not_before_);
    return Next::later;
  }
  // What is lost has to be known before all is asked, or the window would never narrow in time.
  const bool fresh = fresh_left && (again_.empty() || started_ % silent_ones_turn != 0);
  token = fresh ? token_at(fresh_) : again_.front();
  if (!prefixes_.empty() && !limits_.prefixes->try_take_lane(*prefixes_[host_of(token)])) {
    full_prefix_ = prefixes_[host_of(token)];
    return Next::prefix_full;
  }
  if (fresh)
    ++fresh_;
  else
    again_.pop_front();
  ++started_;
  return Next::start;
}

void Sweep::skip_to_fresh() {
  const auto settled = [&](std::uint32_t token) {
    return given_up_[host_of(token)] || (!adopted_.empty() && adopted_[token]);
  };
  while (fresh_ < states_.size() && settled(token_at(fresh_))) ++fresh_;
}

std::uint32_t Sweep::adopt(const IpAddress& host, const HostPorts& known) {
  return take_over(host, known, [](Reason state) {
    return state == Reason::open || state == Reason::closed || state == Reason::filtered;
  });
}

void Sweep::restore(const IpAddress& host, const HostPorts& ended) {
  take_over(host, ended, [](Reason state) { return state != Reason::stopped; });
}

std::uint32_t Sweep::take_over(const IpAddress& host, const HostPorts& known, bool (*counts)(Reason state)) {
  const auto at_host = std::find(hosts_.begin(), hosts_.end(), host);
  if (at_host == hosts_.end()) return 0;
  const auto index = static_cast<std::size_t>(at_host - hosts_.begin());
  adopted_.resize(states_.size());
  std::uint32_t taken = 0;
  for (std::size_t i = 0; i < known.ports.size(); ++i) {
    const PortState& state = known.states[i];
    if (!counts(state.state)) continue;
    if (state.state == Reason::open || state.state == Reason::closed) alive_[index] = any_alive_ = true;
    const auto port = std::lower_bound(ports_.begin(), ports_.end(), known.ports[i]);
    if (port == ports_.end() || *port != known.ports[i]) continue;
    const std::size_t token = static_cast<std::size_t>(port - ports_.begin()) * hosts_.size() + index;
    if (adopted_[token]) continue;
    adopted_[token] = true;
    states_[token] = state;
    --undecided_;
    ++taken;
  }
  return taken;
}

HostPorts Sweep::ports_of(const IpAddress& host) const {
  HostPorts found;
  const auto at_host = std::find(hosts_.begin(), hosts_.end(), host);
  if (at_host == hosts_.end()) return found;
  found.ports = ports_;
  for (std::size_t port = 0; port < ports_.size(); ++port)
    found.states.push_back(state(static_cast<std::size_t>(at_host - hosts_.begin()), port));
  return found;
}

std::uint32_t Sweep::token_at(std::uint32_t place) const {
  if (order_.empty()) return place;
  const auto hosts = static_cast<std::uint32_t>(hosts_.size());
  return order_[place / hosts] * hosts + place % hosts;
}

bool Sweep::in_doubt(std::size_t host) const { return !alive_[host] && !lives_[host] && !given_up_[host]; }

bool Sweep::beyond_the_first() {
  bool doubts = false;
  for (std::size_t host = 0; host < hosts_.size(); ++host) doubts = doubts || in_doubt(host);
  if (!doubts) return true;
  if (in_flight_ > 0 || !again_.empty() || echoes_awaited_ > 0) return false;
  for (std::size_t host = 0; host < hosts_.size(); ++host)
    if (in_doubt(host)) give_up(host, Reason::unreachable, 0);
  skip_to_fresh();
  return fresh_ < states_.size();
}

void Sweep::host_lives(const IpAddress& host) {
  for (std::size_t i = 0; i < hosts_.size(); ++i)
    if (hosts_[i] == host) lives_[i] = true;
  wake();
}

void Sweep::echo_ended() {
  if (echoes_awaited_ > 0) --echoes_awaited_;
  wake();
}

void Sweep::wake() {
  if (sweeper_ == nullptr) return;  // not begun
  sweeper_->enqueue(*this);
  sweeper_->pump_later();
}

std::optional<Sweep::Life> Sweep::first_life(std::size_t host) const {
  for (std::size_t port = 0; port < ports_.size(); ++port) {
    const PortState& seen = state(host, port);
    if (seen.state != Reason::open && seen.state != Reason::closed) continue;
    Life life;
    life.endpoint.address = hosts_[host];
    life.endpoint.port = ports_[port];
    life.state = seen;
    return life;
  }
  return std::nullopt;
}

void Sweep::start(std::uint32_t token) {
  const Instant now = world_.now();
  PortState& state = states_[token];
  ++state.attempts;
  ++in_flight_;
  if (limits_.gap > Duration::zero()) not_before_ = now + limits_.gap;
  starting_ = sent_ = true;
  const Duration wait = net::attempt_time(world_, patience(state.attempts), state.attempts, limits_.attempts);
  const Instant deadline = std::min(limits_.deadline, now + wait);
  world_.probe_port(*this, token, endpoint(token), permit_, deadline, limits_.kept);
  starting_ = false;
  if (!sent_) return;
  faults_in_a_row_[host_of(token)] = 0;
  ++sweeper_->counters_.sent;
  if (state.attempts > 1) ++sweeper_->counters_.retried;
}

void Sweep::answered(std::uint32_t token, const net::PortAnswer& answer) {
  --in_flight_;
  if (!prefixes_.empty()) {
    net::PrefixLimit::give_back_lane(*prefixes_[host_of(token)]);
    sweeper_->place_came_free(*prefixes_[host_of(token)]);
  }
  const bool never_sent = starting_ && (answer.event == PortEvent::fault || answer.event == PortEvent::forbidden ||
                                        answer.event == PortEvent::stopped || answer.event == PortEvent::not_recorded);
  if (never_sent) {
    sent_ = false;
    --states_[token].attempts;
  }
  switch (answer.event) {
    case PortEvent::open:
    case PortEvent::closed: life(token, answer); break;
    case PortEvent::silent: no_answer(token, false); break;
    case PortEvent::unreachable: no_answer(token, true); break;
    case PortEvent::fault: local_fault(token, answer.fault_number); break;
    case PortEvent::stopped: settle(token, Reason::stopped); break;
    case PortEvent::forbidden: settle(token, Reason::out_of_scope); break;
    case PortEvent::not_recorded: settle(token, Reason::not_recorded); break;
  }
  if (undecided_ == 0) {
    done_.happen();
  } else {
    sweeper_->enqueue(*this);
  }
  sweeper_->pump();
}

void Sweep::settle(std::uint32_t token, Reason state) {
  states_[token].state = state;
  --undecided_;
}

void Sweep::life(std::uint32_t token, const net::PortAnswer& answer) {
  PortState& state = states_[token];
  state.took_us = static_cast<std::uint32_t>(std::min<std::int64_t>(answer.took.count() / 1'000, 0xffff'ffff));
  alive_[host_of(token)] = true;
  any_alive_ = true;
  if (smoothed_ == Duration::zero()) {
    smoothed_ = std::max(answer.took, Duration(1));
    variance_ = answer.took / 2;
  } else {
    const Duration off = smoothed_ > answer.took ? smoothed_ - answer.took : answer.took - smoothed_;
    variance_ = (variance_ * 3 + off) / 4;
    smoothed_ = std::max((smoothed_ * 7 + answer.took) / 8, Duration(1));
  }
  const bool an_attempt_was_lost = state.attempts > 1;
  if (an_attempt_was_lost) {
    window_ = std::max(std::min(window_, narrowest_window), window_ / 2);
  } else if (limits_.gap == Duration::zero() && window_ < widest_window) {
    ++window_;
  }
  settle(token, answer.event == PortEvent::open ? Reason::open : Reason::closed);
}

void Sweep::no_answer(std::uint32_t token, bool unreachable) {
  PortState& state = states_[token];
  state.unreachable = unreachable;
  if (!any_alive_ && limits_.gap == Duration::zero() && window_ < widest_unanswered) ++window_;
  if (world_.now() >= limits_.deadline) {
    settle(token, Reason::timeout);  // this attempt was cut short
  } else if (state.attempts < limits_.attempts) {
    again_.push_back(token);
  } else {
    settle(token, Reason::filtered);
  }
}

void Sweep::local_fault(std::uint32_t token, int number) {
  ++sweeper_->counters_.local_faults;
  PortState& state = states_[token];
  const bool spent = !starting_ && state.attempts >= limits_.attempts;  // it had gone out
  if (!net::passing_fault(number) || spent) {
    state.fault_number = static_cast<std::uint16_t>(number);
    settle(token, Reason::local_fault);
    return;
  }
  again_.push_back(token);
  const std::size_t host = host_of(token);
  if (++faults_in_a_row_[host] >= faults_before_giving_up) {
    give_up(host, Reason::local_fault, number);
    return;
  }
  not_before_ = std::max(not_before_, world_.now() + first_pause * (1U << (faults_in_a_row_[host] - 1)));
}

void Sweep::give_up(std::size_t host, Reason reason, int number) {
  const auto end = [&](std::uint32_t token) {
    if (host_of(token) != host) return false;
    states_[token].fault_number = static_cast<std::uint16_t>(number);
    settle(token, reason);
    return true;
  };
  std::erase_if(again_, end);
  if (given_up_[host]) return;
  given_up_[host] = true;
  for (std::uint32_t place = fresh_; place < states_.size(); ++place)
    if (adopted_.empty() || !adopted_[token_at(place)]) end(token_at(place));
}

void Sweep::give_up(Reason reason) {
  for (std::size_t host = 0; host < hosts_.size(); ++host) give_up(host, reason, 0);
}

void Sweep::expired(net::Expiry why) {
  if (why == net::Expiry::stopped) {
    give_up(Reason::stopped);
    if (undecided_ == 0) done_.happen();
    return;
  }
  sweeper_->enqueue(*this);
  sweeper_->pump();
}

awaitable<void> Sweeper::run(Sweep& sweep) {
  if (sweep.undecided_ == 0) co_return;
  counters_.asked += sweep.undecided_;
  sweep.sweeper_ = this;
  enqueue(sweep);
  pump_later();
  Instant deadline = sweep.limits_.deadline;
  while (sweep.undecided_ > 0) {
    const net::Wake wake = co_await sweep.done_.wait(deadline);
    if (wake != net::Wake::deadline) continue;
    deadline = never;  // what is in flight ends by itself
    sweep.give_up(Reason::timeout);
  }
  if (sweep.queued_) std::erase(queue_, &sweep);
  if (sweep.held_back_by_ != nullptr) release(sweep);
}

void Sweeper::enqueue(Sweep& sweep) {
  if (sweep.queued_ || sweep.undecided_ == 0) return;
  sweep.queued_ = true;
  queue_.push_back(&sweep);
}

void Sweeper::pump_later() {
  if (posted_) return;
  posted_ = true;
  asio::post(world_.io(), [this] {
    posted_ = false;
    pump();
  });
}

void Sweeper::pump() {
  if (pumping_) return;
  pumping_ = true;
  constexpr int starts_in_one_go = 1'024;  // then the rest of the shard has its turn
  int left = starts_in_one_go;
  Instant now = world_.now();
  while (!queue_.empty()) {
    if (left-- == 0) {
      pump_later();
      break;
    }
    if (!world_.port_lane_free()) break;  // an answer will free one, and pump again
    const Instant slot = world_.stopped() ? now : rate_.when(now);
    if (slot > now) {
      now = world_.now();
      if (slot > now) {
        if (!waiting()) world_.deadlines().add(*this, slot);
        break;
      }
    }
    Sweep& sweep = *queue_.front();
    queue_.pop_front();
    sweep.queued_ = false;
    std::uint32_t token = 0;
    const Sweep::Next next = sweep.next(now, token);
    if (next == Sweep::Next::prefix_full) hold_back(sweep);
    if (next != Sweep::Next::start) continue;  // it comes back with its next answer, or its timer
    rate_.use();
    enqueue(sweep);
    sweep.start(token);
  }
  pumping_ = false;
}

void Sweeper::expired(net::Expiry /*why*/) { pump_later(); }

void Sweeper::hold_back(Sweep& sweep) {
  constexpr Duration look_again = std::chrono::milliseconds(5);
  if (!look_again_.waiting()) world_.deadlines().add(look_again_, world_.now() + look_again);
  if (sweep.held_back_by_ != nullptr) return;
  sweep.held_back_by_ = sweep.full_prefix_;
  held_back_[sweep.full_prefix_].push_back(&sweep);
}

void Sweeper::place_came_free(net::PrefixLimit::Count& prefix) {
  if (held_back_.empty()) return;
  const auto queue = held_back_.find(&prefix);
  if (queue == held_back_.end()) return;
  Sweep& next = *queue->second.front();
  queue->second.pop_front();
  if (queue->second.empty()) held_back_.erase(queue);
  next.held_back_by_ = nullptr;
  enqueue(next);
}

void Sweeper::release(Sweep& sweep) {
  const auto queue = held_back_.find(std::exchange(sweep.held_back_by_, nullptr));
  std::erase(queue->second, &sweep);
  if (queue->second.empty()) held_back_.erase(queue);
}

void Sweeper::release_all() {
  for (auto& [prefix, sweeps] : std::exchange(held_back_, {}))
    for (Sweep* sweep : sweeps) {
      sweep->held_back_by_ = nullptr;
      enqueue(*sweep);
    }
  pump_later();
}

}  // namespace audit::probe

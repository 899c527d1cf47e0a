#include "net/replaying_world.hpp"

#include <fmt/format.h>

#include "net/replay_clock.hpp"
#include "net/replayed_exchange.hpp"

namespace audit::net {

/// The recorded run was stopped here, or somebody stops this one.
struct ReplayingWorld::Stopping final : Happening {
  explicit Stopping(ReplayingWorld& world_in) : world(world_in) {}
  void told() override { world.stop(); }
  ReplayingWorld& world;
};

ReplayingWorld::ReplayingWorld(asio::io_context& io, Recording& recording)
    : SerialWorld(io, recording.start().started, recording.start().random_seed, recording.start().port_lanes),
      recording_(recording) {
  if (recording.stopped()) schedule(now() + recording.stopped()->after, std::make_shared<Stopping>(*this));
}

void ReplayingWorld::schedule(Instant when, std::shared_ptr<Happening> what) {
  scheduled_.push({std::max(when, now()), number_++, std::move(what)});
}

std::optional<Instant> ReplayingWorld::next_happening(Instant timer, bool idle) {
  if (stop_wanted_.exchange(false) && !stopped()) schedule(now(), std::make_shared<Stopping>(*this));
  if (timer == never && (idle || scheduled_.empty())) return std::nullopt;
  return scheduled_.empty() ? never : scheduled_.top().when;
}

Instant ReplayingWorld::catch_up(Instant at, std::uint64_t times) {
  Instant to{};
  for (const std::vector<PutForward>& all = recording_.put_forward(); put_forward_ < all.size(); ++put_forward_) {
    const PutForward& next = all[put_forward_];
    const Instant when = first_ + next.at;
    if (at < when || (at == when && times < next.times)) break;
    to = std::max(to, first_ + next.to);
  }
  return to;
}

std::shared_ptr<Happening> ReplayingWorld::take_happening() {
  std::shared_ptr<Happening> what = scheduled_.top().what;
  scheduled_.pop();
  return what;
}

awaitable<bool> ReplayingWorld::wait_until(Instant when) {
  const auto awaited = std::make_shared<Awaited>();
  schedule(when, awaited);
  const Wake wake = co_await wait_for(*awaited);
  co_return wake == Wake::signalled;
}

void ReplayingWorld::begin_probe(const std::shared_ptr<Probing>& probing) {
  const PortAsked* asked = recording_.next_port(probing->to());
  probing->answer.event = PortEvent::not_recorded;
  if (asked == nullptr) {
    probing->told_at_once();
    return;
  }
  const Duration patience = patience_of(probing->began(), probing->deadline());
  Instant when = probing->began() + asked->took;
  if (asked->answer.event == PortEvent::stopped) {
    when += Duration(1);  // the recorded stop comes first, where it comes
  } else {
    probing->answer = asked->answer;
    if (asked->at_once) {
      probing->told_at_once();
      return;
    }
    if (asked->patience != patience && probing->deadline() < when) {
      when = probing->deadline();
      probing->answer = PortAnswer();
      probing->answer.event = PortEvent::silent;
    }
  }
  schedule(when, probing);
}

awaitable<Result<void>> ReplayingWorld::opened(const Exchange& exchange, std::string whom, Instant deadline) {
  Step step;
  step.patience = exchange.patience;
  step.took = exchange.took;
  step.error = exchange.error;
  const Due due = due_of(step, now(), std::nullopt, patience_of(now(), deadline), deadline);
  if (!co_await wait_until(due.when)) {
    if (step.error && step.error->reason == Reason::stopped) co_return *step.error;
    co_return Error(Reason::stopped, whom + ": the run was stopped");
  }
  if (due.what == Due::What::timeout)
    co_return Error(Reason::timeout, whom + ": the deadline passed before the recorded answer came");
  if (due.what != Due::What::outcome) co_return not_recorded(whom, "answer that came so late");
  if (step.error) co_return *step.error;
  co_return Result<void>();
}

awaitable<Result<std::unique_ptr<Stream>>> ReplayingWorld::do_connect(Endpoint to, Instant deadline) {
  std::string whom = format_endpoint(to);
  const std::vector<Kept*>* candidates = recording_.with(Exchange::Kind::stream, to);
  if (candidates == nullptr) co_return not_recorded(whom, "connection with it");
  Kept& kept = choose(*candidates);
  kept.taken = true;
  if (Result<void> outcome = co_await opened(kept.exchange, std::move(whom), deadline); !outcome)
    co_return outcome.error();
  co_return replayed_stream(*this, kept);
}

awaitable<Result<std::unique_ptr<Datagram>>> ReplayingWorld::do_open_datagram(Endpoint to, Instant deadline) {
  std::string whom = format_endpoint(to);
  const std::vector<Kept*>* candidates = recording_.with(Exchange::Kind::datagram, to);
  if (candidates == nullptr) co_return not_recorded(whom, "datagram to it");
  Kept& kept = choose(*candidates);
  kept.taken = true;
  if (Result<void> outcome = co_await opened(kept.exchange, std::move(whom), deadline); !outcome)
    co_return outcome.error();
  co_return replayed_datagram(*this, kept);
}

Result<std::unique_ptr<Echo>> ReplayingWorld::do_open_echo(const IpAddress& to, std::size_t size) {
  Endpoint key;
  key.address = to;
  key.port = static_cast<std::uint16_t>(size);
  const std::vector<Kept*>* candidates = recording_.with(Exchange::Kind::echo, key);
  if (candidates == nullptr) return not_recorded(format_address(to), "echo of this size to it");
  Kept& kept = choose(*candidates);
  kept.taken = true;
  note_no_echo(to.family, kept.exchange.why_no_echo);
  if (kept.exchange.error) return *kept.exchange.error;
  return replayed_echo(*this, kept, size);
}

awaitable<Result<std::vector<IpAddress>>> ReplayingWorld::look_up(std::string name, Instant deadline) {
  const std::vector<Kept*>* candidates = recording_.look_ups(name);
  if (candidates == nullptr) co_return not_recorded(name, "look-up of this name");
  Kept& kept = choose(*candidates);
  kept.taken = true;
  if (Result<void> outcome = co_await opened(kept.exchange, name, deadline); !outcome) co_return outcome.error();
  co_return kept.exchange.addresses;
}

}  // namespace audit::net

#include "probe/discovery.hpp"

#include <fmt/format.h>

#include "net/jitter.hpp"

namespace audit::probe {
namespace {

/// How long the sweep may take to find a host alive before it is sent an echo: a neighbour needs none.
constexpr Duration head_start = std::chrono::milliseconds(20);

/// The echoes to a target's hosts, each in its own coroutine. Outlives them all: `end` waits for them.
class LifeSearch final : public net::DeadlineList::Entry {
 public:
  explicit LifeSearch(Target& target)
      : target_(target), world_(target.services().world), waiting_(target.hosts().size(), nullptr),
        ended_(world_.deadlines()) {}
  ~LifeSearch() override { world_.deadlines().remove(*this); }

  void start_later() { world_.deadlines().add(*this, world_.now() + head_start); }

  void start() {
    started_ = true;
    world_.deadlines().remove(*this);  // a sweep of nothing ends before the head start does
    for (std::size_t host = 0; host < target_.hosts().size(); ++host) {
      if (target_.alive(target_.hosts()[host])) {
        target_.echo_ended();
        continue;
      }
      ++running_;
      asio::co_spawn(world_.io(), ask(host), [this](const std::exception_ptr& failure) {
        if (failure) failure_ = failure;
        target_.echo_ended();
        if (--running_ == 0) ended_.happen();
      });
    }
  }

  /// Waits no longer for hosts that have shown life otherwise, and for the rest to the end of their attempts.
  awaitable<Discovery> end() {
    if (!started_) start();
    for (std::size_t host = 0; host < waiting_.size(); ++host)
      if (waiting_[host] != nullptr && target_.alive(target_.hosts()[host])) waiting_[host]->cancel();
    while (running_ > 0) co_await ended_.wait(never);
    if (failure_) std::rethrow_exception(failure_);
    co_return found_;
  }

 private:
  void expired(net::Expiry /*why*/) override { start(); }

  awaitable<void> ask(std::size_t host) {
    const IpAddress address = target_.hosts()[host];
    Result<std::unique_ptr<net::Echo>> echo = world_.open_echo(address, target_.permit());
    if (!echo) {
      found_.no_echo = echo.error().message;
      co_return;
    }
    ++target_.services().counters.asked;
    waiting_[host] = echo->get();
    std::uint32_t sent = 0;
    std::uint32_t faults = 0;
    while (sent < target_.limits().attempts && !target_.alive(address)) {
      if (const Result<void> paced = co_await target_.pace(never); !paced) break;
      if (target_.alive(address)) break;
      if (const Result<void> out = (*echo)->send(); !out) {
        if (!co_await pause(++faults)) break;
        continue;
      }
      ++found_.echoes;
      if (++sent > 1) ++target_.services().counters.retried;
      const Instant deadline = world_.now() + net::jittered(world_, target_.limits().timeout);
      if (co_await heard(**echo, address, deadline)) break;
    }
    waiting_[host] = nullptr;
  }

  /// Until a reply, or the deadline: an ICMP error may still be followed by a reply. False where the next attempt is due.
  awaitable<bool> heard(net::Echo& echo, const IpAddress& address, Instant deadline) {
    while (true) {
      const Result<net::EchoAnswer> answer = co_await echo.receive(deadline);
      if (!answer) co_return answer.error().reason == Reason::stopped;
      if (answer->reason != Reason::observed) continue;
      target_.note_life(address, fmt::format("answered ICMP echo in {:.1f} ms", seconds(answer->took) * 1e3));
      co_return true;
    }
  }

  /// After a fault of this machine. False where it has lasted too long.
  awaitable<bool> pause(std::uint32_t faults) {
    constexpr std::uint32_t most = 5;
    constexpr Duration first = std::chrono::milliseconds(20);
    ++target_.services().counters.local_faults;
    if (faults >= most) co_return false;
    net::Sleeper sleeper(world_.deadlines());
    const net::Wake wake = co_await sleeper.sleep(world_.now() + first * (1U << faults));
    co_return wake != net::Wake::stopped;
  }

  Target& target_;
  net::World& world_;
  std::vector<net::Echo*> waiting_;  // for a reply, by host
  std::uint32_t running_ = 0;
  bool started_ = false;
  net::Event ended_;
  Discovery found_;
  std::exception_ptr failure_;
};

}  // namespace

awaitable<Discovery> discover(Target& target, std::vector<std::uint16_t> ports, bool leave_the_dead) {
  LifeSearch search(target);
  if (target.limits().gap > Duration::zero()) {
    search.start();
    Discovery found = co_await search.end();
    const Result<net::Place> turn = co_await target.keep_gap(never);
    if (!turn) found.no_echo = turn.error().message;
    co_await target.sweep(std::move(ports), leave_the_dead, 0);
    co_return found;
  }
  search.start_later();
  const auto hosts = static_cast<std::uint32_t>(target.hosts().size());
  co_await target.sweep(std::move(ports), leave_the_dead, hosts);
  Discovery found = co_await search.end();
  co_return found;
}

}  // namespace audit::probe

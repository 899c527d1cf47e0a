#include "net/serial_world.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <asio/executor_work_guard.hpp>
#include <stdexcept>

#include "proto/hash.hpp"

namespace audit::net {

void Awaited::told() {
  if (sleeper_ != nullptr) sleeper_->wake(Wake::signalled);
}

void Awaited::cancel() {
  if (sleeper_ != nullptr) sleeper_->wake(Wake::deadline);
}

SerialWorld::SerialWorld(asio::io_context& io, WallTime started, std::string random_seed, std::uint32_t port_lanes)
    : World(io), started_(started), random_seed_(std::move(random_seed)), port_lanes_(port_lanes) {}

WallTime SerialWorld::wall() const {
  return started_ + std::chrono::duration_cast<std::chrono::milliseconds>(since_start());
}

void SerialWorld::fill(std::string_view purpose, std::uint64_t block, std::span<std::uint8_t> bytes) const {
  proto::HashBytes out{};
  while (!bytes.empty()) {
    const std::size_t size =
        proto::hmac(proto::Hash::sha256, random_seed_, fmt::format("{} {}", block++, purpose), out);
    if (size == 0) throw std::runtime_error("OpenSSL has no SHA-256");
    const std::size_t given = std::min(size, bytes.size());
    std::copy_n(out.begin(), given, bytes.begin());
    bytes = bytes.subspan(given);
  }
}

void SerialWorld::random(std::span<std::uint8_t> bytes) {
  for (std::uint8_t& byte : bytes) {
    if (noise_left_ == 0) {
      fill("", blocks_++, noise_);
      noise_left_ = noise_.size();
    }
    byte = noise_[--noise_left_];
  }
}

void SerialWorld::do_random_for(std::string_view purpose, std::span<std::uint8_t> bytes) { fill(purpose, 0, bytes); }

awaitable<Wake> SerialWorld::wait_for(Awaited& awaited) {
  struct Waiting {
    Waiting(SerialWorld& world_in, Awaited& awaited_in)
        : world(world_in), awaited(awaited_in), sleeper(world_in.deadlines()) {
      awaited.sleeper_ = &sleeper;
      ++world.awaited_;
    }
    ~Waiting() {
      awaited.sleeper_ = nullptr;
      --world.awaited_;
    }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
    SerialWorld& world;
    Awaited& awaited;
    Sleeper sleeper;
  };
  Waiting waiting(*this, awaited);
  const Wake wake = co_await waiting.sleeper.sleep(never);
  co_return wake;
}

/// All that is ready runs before the next thing happens, and what is due before the next thing is told of it first. No
/// two things are told at one instant, and which comes first depends on nothing but the instants at which they are told:
/// a replay knows no others.
void SerialWorld::run() {
  io().restart();
  const auto work = asio::make_work_guard(io());
  Instant at{};
  std::uint64_t times = 0;
  while (true) {
    while (io().poll() > 0) {
    }
    const Instant timer = deadlines().next();
    const std::optional<Instant> next = next_happening(timer, awaited_ == 0);
    if (!next) return;
    const auto told_at = [&] { return *next == never ? never : std::max(now_ + Duration(1), *next); };
    const Instant nearest = std::min(std::max(now_, timer), told_at());
    times = nearest == at ? times + 1 : 0;
    at = nearest;
    now_ = std::max(now_, catch_up(at, times));
    if (timer <= told_at()) {
      now_ = std::max(now_, timer);
      deadlines().advance(now_);
    } else {
      now_ = told_at();
      take_happening()->told();
    }
    if (now_ != at) times = 0;
    at = now_;
  }
}

SerialWorld::Probing::Probing(SerialWorld& world, PortSink& sink, std::uint32_t token, const Endpoint& to,
                              Instant deadline)
    : world_(world), sink_(sink), token_(token), to_(to), began_(world.now()), deadline_(deadline),
      ordinal_(world.take_ordinal()) {
  ++world_.in_flight_;
  ++world_.awaited_;
  world_.deadlines().add(*this, never);
}

void SerialWorld::Probing::told() {
  if (done_) return;
  done_ = true;
  world_.deadlines().remove(*this);
  --world_.in_flight_;
  --world_.awaited_;
  world_.probe_told(*this);
  sink_.answered(token_, answer);
}

void SerialWorld::Probing::expired(Expiry /*why*/) {
  answer = PortAnswer();
  answer.event = PortEvent::stopped;
  told();
}

/// Keeps no connection: each operation of a recording stands for itself.
void SerialWorld::do_probe_port(PortSink& sink, std::uint32_t token, const Endpoint& to, Instant deadline,
                                KeptConnections* /*kept*/) {
  begin_probe(std::make_shared<Probing>(*this, sink, token, to, deadline));
}

}  // namespace audit::net

#include "net/kernel_world.hpp"

#include <fmt/format.h>
#include <sys/random.h>

#include <stdexcept>
#include <utility>

#include "net/kernel_datagram.hpp"
#include "net/kernel_stream.hpp"
#include "net/system_lookup.hpp"

namespace audit::net {
namespace {

constexpr std::uint32_t system_look_ups_at_once = 8;

}  // namespace

KernelWorld::KernelWorld(asio::io_context& io, KernelShare share)
    : World(io), timer_(io), conversations_at_once_(share.conversations),
      conversations_(deadlines(), share.conversations), look_ups_(deadlines(), system_look_ups_at_once),
      sockets_(io, deadlines()), lanes_(io, deadlines(), share.port_lanes,
                                        [this](int descriptor, const Endpoint& local, const Endpoint& remote,
                                               Duration took) { return adopt(descriptor, local, remote, took); }),
      echoes_(*this, io) {
  deadlines().on_nearer([this](Instant when) { follow(when); });
}

KernelWorld::~KernelWorld() { deadlines().on_nearer({}); }

Instant KernelWorld::now() const { return std::chrono::steady_clock::now(); }

WallTime KernelWorld::wall() const {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

void KernelWorld::random(std::span<std::uint8_t> bytes) {
  for (std::uint8_t& byte : bytes) {
    if (noise_left_ == 0) {
      // Whole at once: getrandom gives 256 bytes or fewer without being cut short.
      if (getrandom(noise_.data(), noise_.size(), 0) != static_cast<ssize_t>(noise_.size()))
        throw std::runtime_error("getrandom failed: this kernel gives no randomness");
      noise_left_ = noise_.size();
    }
    byte = std::exchange(noise_[--noise_left_], std::uint8_t{0});
  }
}

void KernelWorld::follow(Instant when) {
  if (when == never && armed_ != never) {  // a timer for nobody would keep io_context::run from returning
    armed_ = never;
    timer_.cancel();
  }
  if (when >= armed_) return;
  armed_ = when;
  timer_.expires_at(std::max(when, Instant{}));
  timer_.async_wait([this](const std::error_code& failure) {
    if (failure) return;  // armed again for an earlier instant
    armed_ = never;
    deadlines().advance(now());
    if (const Instant next = deadlines().next(); next != never) follow(next);
  });
}

awaitable<Result<void>> KernelWorld::take_place(Endpoint to, Instant deadline) {
  const Wake wake = co_await conversations_.acquire(deadline);
  if (wake == Wake::stopped)
    co_return Error(Reason::stopped, fmt::format("{}: the run was stopped", format_endpoint(to)));
  if (wake == Wake::deadline)
    co_return Error(Reason::local_fault,
                    fmt::format("{}: no descriptor became free in time (raise ulimit -n)", format_endpoint(to)));
  co_return Result<void>();
}

awaitable<Result<std::unique_ptr<Stream>>> KernelWorld::do_connect(Endpoint to, Instant deadline) {
  if (Result<void> taken = co_await take_place(to, deadline); !taken) co_return taken.error();
  Place place(conversations_);
  Result<std::unique_ptr<Stream>> stream =
      co_await connect_kernel_stream(sockets_, tls_, to, deadline, std::move(place));
  co_return stream;
}

awaitable<Result<std::unique_ptr<Datagram>>> KernelWorld::do_open_datagram(Endpoint to, Instant deadline) {
  if (Result<void> taken = co_await take_place(to, deadline); !taken) co_return taken.error();
  co_return open_kernel_datagram(io(), deadlines(), to, Place(conversations_));
}

void KernelWorld::do_probe_port(PortSink& sink, std::uint32_t token, const Endpoint& to, Instant deadline,
                                KeptConnections* kept) {
  lanes_.start(sink, token, to, deadline, kept);
}

std::unique_ptr<Stream> KernelWorld::adopt(int descriptor, const Endpoint& local, const Endpoint& remote,
                                           Duration took) {
  if (conversations_.free() <= conversations_at_once_ / 2 || !conversations_.try_acquire()) return nullptr;
  return adopt_kernel_stream(sockets_, tls_, descriptor, local, remote, took, Place(conversations_));
}

awaitable<Result<std::vector<IpAddress>>> KernelWorld::look_up(std::string name, Instant deadline) {
  const Wake wake = co_await look_ups_.acquire(deadline);
  if (wake != Wake::signalled)
    co_return Error(wake == Wake::stopped ? Reason::stopped : Reason::timeout,
                    name + ": the name service did not answer");
  const Place place(look_ups_);
  Result<std::vector<IpAddress>> addresses = co_await system_lookup(io(), deadlines(), std::move(name), deadline);
  co_return addresses;
}

}  // namespace audit::net

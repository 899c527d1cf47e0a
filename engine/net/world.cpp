#include "net/world.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "net/kept_connections.hpp"
#include "net/traced_echo.hpp"
#include "net/traced_stream.hpp"
#include "net/waiting.hpp"

namespace audit::net {

awaitable<Result<std::unique_ptr<Stream>>> World::connect(Endpoint to, const Permit& permit, Instant deadline,
                                                          KeptConnections* kept) {
  to.address = canonical(to.address);
  if (Result<void> allowed = permit.test(to); !allowed) co_return allowed.error();
  if (stopped_) co_return Error(Reason::stopped, fmt::format("{}: the run was stopped", format_endpoint(to)));
  if (kept != nullptr)
    if (std::unique_ptr<Stream> stream = kept->take(to)) co_return stream;
  const Instant began = now();
  Result<std::unique_ptr<Stream>> stream = co_await do_connect(to, deadline);
  if (tracer_ != nullptr && stream) *stream = traced(std::move(*stream), *this, *tracer_, now() - began);
  if (tracer_ != nullptr && !stream)
    tracer_->line(wall(), "stream", format_endpoint(to),
                  fmt::format("{} after {}", name_of(stream.error().reason), trace_milliseconds(now() - began)));
  co_return stream;
}

awaitable<Result<std::unique_ptr<Datagram>>> World::open_datagram(Endpoint to, const Permit& permit, Instant deadline) {
  constexpr std::uint32_t tries = 5;
  constexpr Duration first_pause = std::chrono::milliseconds(20);
  to.address = canonical(to.address);
  if (Result<void> allowed = permit.test(to); !allowed) co_return allowed.error();
  const Error stopped(Reason::stopped, fmt::format("{}: the run was stopped", format_endpoint(to)));
  for (std::uint32_t tried = 1;; ++tried) {
    if (stopped_) co_return stopped;
    Result<std::unique_ptr<Datagram>> socket = co_await do_open_datagram(to, deadline);
    if (tracer_ != nullptr && socket) *socket = traced(std::move(*socket), *this, *tracer_);
    if (socket || socket.error().reason != Reason::local_fault || tried == tries || now() >= deadline) co_return socket;
    Sleeper pause(deadlines_);
    const Wake slept = co_await pause.sleep(std::min(deadline, now() + first_pause * (1U << (tried - 1))));
    if (slept == Wake::stopped) co_return stopped;
  }
}

Result<std::unique_ptr<Echo>> World::open_echo(const IpAddress& to, const Permit& permit, std::size_t size) {
  const IpAddress real = canonical(to);
  if (Result<void> allowed = permit.test_host(real); !allowed) return allowed.error();
  if (stopped_) return Error(Reason::stopped, format_address(real) + ": the run was stopped");
  Result<std::unique_ptr<Echo>> echo = do_open_echo(real, std::clamp(size, least_echo, largest_echo));
  if (tracer_ != nullptr && echo) return traced(std::move(*echo), *this, *tracer_);
  return echo;
}

void World::probe_port(PortSink& sink, std::uint32_t token, const Endpoint& to, const Permit& permit, Instant deadline,
                       KeptConnections* kept) {
  Endpoint real = to;
  real.address = canonical(to.address);
  PortAnswer answer;
  if (!permit.test(real)) {
    answer.event = PortEvent::forbidden;
  } else if (stopped_) {
    answer.event = PortEvent::stopped;
  } else {
    if (tracer_ == nullptr)
      do_probe_port(sink, token, real, deadline, kept);
    else
      do_probe_port(traced(sink, *this, *tracer_, real), token, real, deadline, nullptr);
    return;
  }
  sink.answered(token, answer);
}

void World::stop_soon() {
  asio::post(io_, [this] { stop(); });
}

void World::stop() {
  stopped_ = true;
  deadlines_.stop_all();
}

}  // namespace audit::net

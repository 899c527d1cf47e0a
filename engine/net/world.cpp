#include "net/world.hpp"

#include <fmt/format.h>

namespace audit::net {

awaitable<Result<std::unique_ptr<Stream>>> World::connect(Endpoint to, const Permit& permit, Instant deadline) {
  to.address = canonical(to.address);
  if (Result<void> allowed = permit.test(to); !allowed) co_return allowed.error();
  if (stopped_) co_return Error(Reason::stopped, fmt::format("{}: the run was stopped", format_endpoint(to)));
  Result<std::unique_ptr<Stream>> stream = co_await do_connect(to, deadline);
  co_return stream;
}

Result<std::unique_ptr<Datagram>> World::open_datagram(const Endpoint& to, const Permit& permit) {
  Endpoint real = to;
  real.address = canonical(to.address);
  if (Result<void> allowed = permit.test(real); !allowed) return allowed.error();
  if (stopped_) return Error(Reason::stopped, fmt::format("{}: the run was stopped", format_endpoint(real)));
  return do_open_datagram(real);
}

void World::probe_port(PortSink& sink, std::uint32_t token, const Endpoint& to, const Permit& permit,
                       Instant deadline) {
  Endpoint real = to;
  real.address = canonical(to.address);
  PortAnswer answer;
  if (!permit.test(real)) {
    answer.event = PortEvent::forbidden;
  } else if (stopped_) {
    answer.event = PortEvent::stopped;
  } else {
    do_probe_port(sink, token, real, deadline);
    return;
  }
  sink.answered(token, answer);
}

void World::stop() {
  stopped_ = true;
  deadlines_.stop_all();
}

}  // namespace audit::net

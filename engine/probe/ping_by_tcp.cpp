#include <fmt/format.h>

#include "probe/ping.hpp"
#include "probe/port.hpp"

namespace audit::probe {
namespace {

/// Where a host is most likely to answer, if only with RST.
constexpr std::uint16_t usual_ports[] = {443, 80, 22};

Endpoint endpoint_of(const IpAddress& host, std::uint16_t port) {
  Endpoint endpoint;
  endpoint.address = host;
  endpoint.port = port;
  return endpoint;
}

bool answered(const PortState& state) { return state.state == Reason::open || state.state == Reason::closed; }

/// One connect, with no second attempt.
awaitable<PortState> connect_once(Context& context, Endpoint endpoint, Duration timeout) {
  const PortOptions once(timeout, 1, true);
  const PortState state = co_await port(context, endpoint, once);
  co_return state;
}

/// The states that end a ping, in the words of an error.
std::optional<Error> ends_it(const Endpoint& endpoint, const PortState& state) {
  const Reason reason = state.state;
  if (reason == Reason::stopped || reason == Reason::timeout || reason == Reason::local_fault ||
      reason == Reason::not_recorded)
    return port_error(endpoint, state);
  return std::nullopt;
}

/// A port to connect to: one that the sweep saw answer, else one of the usual ones; tries them until one does.
awaitable<Result<std::uint16_t>> find_port(Context& context, IpAddress host, Duration timeout, Pings& pings) {
  Target& target = context.target();
  if (const Sweep* swept = target.swept())
    for (std::size_t i = 0; i < swept->hosts().size(); ++i)
      if (swept->hosts()[i] == host)
        if (const auto life = swept->first_life(i)) co_return life->endpoint.port;
  bool any = false;
  for (const std::uint16_t usual : usual_ports) {
    if (target.permit().never().tcp.contains(usual)) continue;
    any = true;
    const Endpoint endpoint = endpoint_of(host, usual);
    const PortState state = co_await connect_once(context, endpoint, timeout);
    if (const std::optional<Error> end = ends_it(endpoint, state)) co_return *end;
    ++pings.sent;
    if (answered(state)) co_return usual;
  }
  if (!any)
    co_return Error(Reason::out_of_scope,
                    format_address(host) + ": `never` forbids tcp/443, 80 and 22, and there is no ICMP to ping with");
  co_return std::uint16_t{0};
}

}  // namespace

awaitable<Result<Pings>> ping_by_tcp(Context& context, IpAddress host, PingOptions options, std::string no_icmp) {
  Pings pings;
  pings.method = "tcp";
  pings.no_icmp = std::move(no_icmp);
  const Result<std::uint16_t> found = co_await find_port(context, host, options.timeout, pings);
  if (!found) co_return found.error();
  if (*found == 0) co_return pings;  // nothing answered
  pings.sent = 0;                    // the search is not the measurement
  pings.port = *found;
  const Endpoint endpoint = endpoint_of(host, *found);
  net::World& world = context.world();
  while (pings.sent < options.count) {
    const Instant next = world.now() + options.interval;
    const PortState state = co_await connect_once(context, endpoint, options.timeout);
    if (const std::optional<Error> end = ends_it(endpoint, state)) co_return *end;
    ++pings.sent;
    if (answered(state)) pings.round_trips.emplace_back(std::chrono::microseconds(state.took_us));
    if (pings.sent == options.count || world.now() >= next) continue;
    net::Sleeper pause(world.deadlines());
    const net::Wake slept = co_await pause.sleep(std::min(next, context.deadline()));
    if (slept == net::Wake::stopped) co_return Error(Reason::stopped, format_address(host) + ": the run was stopped");
  }
  co_return pings;
}

}  // namespace audit::probe

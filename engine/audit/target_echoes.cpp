#include <fmt/format.h>

#include <algorithm>

#include "audit/target_run.hpp"
#include "probe/ping.hpp"

namespace audit::core {

void Echoes::add(Duration round_trip) {
  least = received == 0 ? round_trip : std::min(least, round_trip);
  most = std::max(most, round_trip);
  sum += round_trip;
  ++received;
}

awaitable<void> TargetRun::measure_round_trips() {
  constexpr Duration between = std::chrono::milliseconds(200);
  probe::Context context(*target_, never);
  const probe::PingOptions options(plan_.echoes, between, settings_->limits.timeout, net::usual_echo);
  for (const IpAddress& host : hosts_) {
    const Result<net::Place> place = co_await target_->admit_to_ping(host, never, context.holding());
    if (!place) co_return;
    ++services_.counters.asked;
    const Result<probe::Pings> pings = co_await probe::ping(context, host, options);
    if (!pings) {
      if (pings.error().reason == Reason::stopped) co_return;
      message_.notices.push_back(
          fmt::format("{}: no round trip could be measured: {}", message_.record.id, pings.error().message));
      continue;
    }
    message_.echoes.sent += pings->sent;
    for (const Duration round_trip : pings->round_trips) message_.echoes.add(round_trip);
    if (pings->round_trips.empty()) continue;
    target_->note_life(host, fmt::format("answered {} in {:.1f} ms", pings->method == "tcp" ? "a connect" : "ICMP echo",
                                         seconds(pings->round_trips.front()) * 1e3));
  }
}

}  // namespace audit::core

#include "audit/port_view.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "probe/port.hpp"

namespace audit::core {

const probe::PortState* PortView::state(const Endpoint& endpoint) const {
  return target_.swept() == nullptr ? nullptr : target_.swept()->find(endpoint.address, endpoint.port);
}

PortView::Tally PortView::tally(const PortSet& ports, const PortSet& never) const {
  Tally tally;
  const auto blind = [&](Error error) {
    ++tally.blind_count;
    if (!tally.blind) tally.blind = std::move(error);
  };
  for (const PortSet::Range& range : ports.ranges()) {
    for (std::uint32_t port = range.first; port <= range.last; ++port) {
      for (const IpAddress& host : target_.hosts()) {
        Endpoint endpoint;
        endpoint.address = host;
        endpoint.port = static_cast<std::uint16_t>(port);
        if (never.contains(endpoint.port)) {
          blind(Error(Reason::out_of_scope, format_endpoint(endpoint) + " is a port that `never` forbids to touch"));
          continue;
        }
        const probe::PortState* seen = state(endpoint);
        if (seen != nullptr) tally.most_attempts = std::max<std::uint32_t>(tally.most_attempts, seen->attempts);
        const Reason known = seen == nullptr ? Reason::stopped : seen->state;
        switch (known) {
          case Reason::open: tally.open.push_back(endpoint); break;
          case Reason::closed: ++tally.closed; break;
          case Reason::filtered: ++(alive(host) ? tally.filtered : tally.filtered_silent); break;
          default: blind(probe::port_error(endpoint, seen == nullptr ? probe::PortState{} : *seen));
        }
      }
    }
  }
  return tally;
}

Evidence PortView::port_evidence(const Endpoint& endpoint) const {
  auto seen = std::make_shared<Observation>();
  seen->probe = "port";
  seen->endpoint = format_endpoint(endpoint);
  seen->remote = format_socket(endpoint.address, endpoint.port);
  seen->time = time_;
  if (const probe::PortState* known = state(endpoint)) {
    seen->reason = known->state;
    seen->attempts = known->attempts;
    seen->elapsed = std::chrono::microseconds(known->took_us);
  } else {
    seen->reason = Reason::stopped;
  }
  Value::Object fields;
  fields["state"] = std::string(name_of(seen->reason));
  seen->fields = std::move(fields);
  Evidence evidence;
  evidence.observation = std::move(seen);
  return evidence;
}

Evidence PortView::sweep_evidence(const PortSet& ports, const Tally& tally) const {
  auto seen = std::make_shared<Observation>();
  seen->probe = "sweep";
  seen->endpoint = "tcp/" + ports.format();
  seen->time = time_;
  seen->attempts = tally.most_attempts;
  seen->reason = !tally.open.empty()                       ? Reason::open
                 : tally.closed == 0 && tally.filtered > 0 ? Reason::filtered
                                                           : Reason::closed;
  if (tally.blind) seen->reason = tally.blind->reason;
  Value::Object fields;
  fields["open"] = static_cast<std::int64_t>(tally.open.size());
  fields["closed"] = static_cast<std::int64_t>(tally.closed);
  fields["filtered"] = static_cast<std::int64_t>(tally.filtered + tally.filtered_silent);
  if (tally.blind_count > 0) fields["not_seen"] = static_cast<std::int64_t>(tally.blind_count);
  seen->fields = std::move(fields);
  Evidence evidence;
  evidence.observation = std::move(seen);
  return evidence;
}

Finding blind_finding(const Error& error, Severity severity, std::string endpoint) {
  Finding finding;
  finding.endpoint = std::move(endpoint);
  finding.status = status_of(error.reason);
  finding.reason = error.reason;
  finding.severity = severity;
  finding.message = error.message;
  return finding;
}

}  // namespace audit::core

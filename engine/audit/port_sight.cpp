#include "audit/port_sight.hpp"

#include <fmt/format.h>

#include "audit/each_endpoint.hpp"

namespace audit::core {

PortCount count_ports(const PortWitness& witness, const PortSet& ports) {
  PortCount count;
  each_endpoint(ports.list(), witness.hosts(), witness.transport(), [&](const Endpoint& endpoint) {
    PortSight sight = witness.look(endpoint);
    switch (sight.what) {
      case PortSight::What::open: count.open.push_back(endpoint); break;
      case PortSight::What::closed: ++count.closed; break;
      case PortSight::What::filtered: ++count.filtered; break;
      case PortSight::What::silent:
        if (count.silent++ == 0) count.first_silent = std::move(sight.why);
        break;
      case PortSight::What::blind:
        if (count.blind++ == 0) count.first_blind = std::move(sight.why);
    }
  });
  return count;
}

Evidence count_evidence(const PortWitness& witness, const PortSet& ports, const PortCount& count) {
  auto seen = std::make_shared<Observation>();
  seen->probe = "sweep";
  seen->endpoint = fmt::format("{}/{}", name_of(witness.transport()), ports.format());
  seen->time = witness.time();
  seen->reason = !count.open.empty()                                      ? Reason::open
                 : count.closed == 0 && count.filtered + count.silent > 0 ? Reason::filtered
                                                                          : Reason::closed;
  if (count.first_blind) seen->reason = count.first_blind->reason;
  Value::Object fields;
  fields["open"] = static_cast<std::int64_t>(count.open.size());
  fields["closed"] = static_cast<std::int64_t>(count.closed);
  fields["filtered"] = static_cast<std::int64_t>(count.filtered + count.silent);
  if (count.blind > 0) fields["not_seen"] = static_cast<std::int64_t>(count.blind);
  seen->fields = std::move(fields);
  Evidence evidence;
  evidence.observation = std::move(seen);
  return evidence;
}

}  // namespace audit::core

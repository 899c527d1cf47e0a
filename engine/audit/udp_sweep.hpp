#pragma once

#include <map>

#include "audit/port_sight.hpp"
#include "lua/machine.hpp"
#include "probe/target.hpp"

namespace audit::core {

/// What the UDP ports of a target answered to what is usual there (scripts/udp_payloads.lua), asked once for all policies.
/// As many at once as the target's limits allow. An answer is open, the host's own port unreachable closed; silence says
/// nothing. Lives with its target's run, on its shard.
class UdpSweep final : public PortWitness {
 public:
  /// `asker`: the place of the rule that asks one port, in the machine's set.
  UdpSweep(lua::Machine& machine, std::size_t asker, const lua::Subject& subject, probe::Target& target);

  /// Asks each port on every host. With `spare_the_silent` a host that has shown no life is only asked the `required` ones,
  /// until one answers.
  [[nodiscard]] awaitable<void> ask(PortSet ports, PortSet required, bool spare_the_silent);

  [[nodiscard]] Transport transport() const override { return Transport::udp; }
  [[nodiscard]] const std::vector<IpAddress>& hosts() const override { return target_.hosts(); }
  [[nodiscard]] PortSight look(const Endpoint& endpoint) const override;
  [[nodiscard]] Evidence port_evidence(const Endpoint& endpoint) const override;
  [[nodiscard]] WallTime time() const override { return time_; }

 private:
  [[nodiscard]] awaitable<void> ask_all(std::vector<Endpoint> endpoints);
  [[nodiscard]] awaitable<void> work(const std::vector<Endpoint>& endpoints, std::size_t& next);
  [[nodiscard]] awaitable<void> ask_one(Endpoint endpoint);

  /// What came back, or why nobody could ask.
  struct Seen {
    PortSight sight;
    ObservationPtr observation;
  };

  lua::Machine& machine_;
  std::size_t asker_;
  const lua::Subject& subject_;
  probe::Target& target_;
  WallTime time_;
  std::map<Endpoint, Seen> seen_;
  std::exception_ptr failure_;
};

}  // namespace audit::core

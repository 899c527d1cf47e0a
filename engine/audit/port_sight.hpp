#pragma once

#include <optional>
#include <vector>

#include "base/model.hpp"
#include "base/result.hpp"

namespace audit::core {

/// One port as it was seen.
struct PortSight {
  enum class What : std::uint8_t {
    open,
    closed,
    filtered,  // an answer: the host lives, and the port is not to be had
    silent,    // no answer that says anything; `why` tells
    blind,     // nobody could ask; `why` tells
  };
  What what = What::blind;
  Error why{Reason::stopped, "was not asked"};
};

/// Who saw the ports of one transport on every host of a target: the ground of what is judged of expected ports.
class PortWitness {
 public:
  virtual ~PortWitness() = default;
  [[nodiscard]] virtual Transport transport() const = 0;
  [[nodiscard]] virtual const std::vector<IpAddress>& hosts() const = 0;
  [[nodiscard]] virtual PortSight look(const Endpoint& endpoint) const = 0;
  /// One observation of one port.
  [[nodiscard]] virtual Evidence port_evidence(const Endpoint& endpoint) const = 0;
  [[nodiscard]] virtual WallTime time() const = 0;
};

/// How a set of ports looks, all hosts together.
struct PortCount {
  std::vector<Endpoint> open;
  std::uint64_t closed = 0;
  std::uint64_t filtered = 0;
  std::uint64_t silent = 0;
  std::uint64_t blind = 0;
  std::optional<Error> first_silent;
  std::optional<Error> first_blind;
};

[[nodiscard]] PortCount count_ports(const PortWitness& witness, const PortSet& ports);
/// One observation of all of them: how many were open, closed, filtered.
[[nodiscard]] Evidence count_evidence(const PortWitness& witness, const PortSet& ports, const PortCount& count);

}  // namespace audit::core

#pragma once

#include <vector>

#include "base/ports.hpp"

namespace audit::core {

/// Calls with each port on each host, port by port.
template <class Visit>
void each_endpoint(const std::vector<std::uint16_t>& ports, const std::vector<IpAddress>& hosts, Transport transport,
                   Visit visit) {
  for (const std::uint16_t port : ports) {
    for (const IpAddress& host : hosts) {
      Endpoint endpoint;
      endpoint.address = host;
      endpoint.port = port;
      endpoint.transport = transport;
      visit(endpoint);
    }
  }
}

}  // namespace audit::core

#include "inventory/inventory.hpp"

namespace audit::inventory {

PortSet ExpectedPorts::permitted() const {
  PortSet ports = require;
  for (const AllowedPort& allowed : allow) ports.add(allowed.ports.first, allowed.ports.last);
  return ports;
}

}  // namespace audit::inventory

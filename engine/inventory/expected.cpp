#include "inventory/expected.hpp"

namespace audit::inventory {

PortSet ExpectedPorts::permitted() const {
  PortSet ports = require;
  for (const AllowedPort& allowed : allow) ports.add(allowed.ports.first, allowed.ports.last);
  ports.remove(deny);
  return ports;
}

PortSet ExpectedPorts::looked_at() const {
  PortSet ports = permitted();
  ports.add(sweep);
  ports.add(deny);
  return ports;
}

std::string_view ExpectedPorts::why(std::uint16_t port) const {
  for (const AllowedPort& allowed : allow)
    if (port >= allowed.ports.first && port <= allowed.ports.last && !allowed.why.empty()) return allowed.why;
  return {};
}

PortSet ExpectedAnswers::ports() const {
  PortSet ports;
  for (const ExpectedCertificate& one : certificates) ports.add(one.port, one.port);
  for (const ExpectedHostKey& one : ssh_host_keys) ports.add(one.port, one.port);
  for (const ExpectedService& one : services) ports.add(one.port, one.port);
  return ports;
}

const std::vector<std::string_view>& expected_services() {
  static const std::vector<std::string_view> services{"ssh",  "tls",  "http", "https",      "smtp",  "ftp",
                                                      "pop3", "imap", "ldap", "postgresql", "mysql", "redis"};
  return services;
}

}  // namespace audit::inventory

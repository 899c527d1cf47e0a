#pragma once

#include <string>
#include <vector>

#include "base/block.hpp"
#include "base/ports.hpp"
#include "base/result.hpp"

namespace audit::net {

/// What may be sent to: the addresses of one target (or of the resolvers), less the ports that are never touched. The
/// `World` tests it wherever a socket connects or sends, and there only (law 3).
class Permit {
 public:
  Permit() = default;
  Permit(std::vector<IpAddress> hosts, TransportPorts never);
  /// Exact endpoints in place of hosts: the resolvers' list.
  [[nodiscard]] static Permit for_endpoints(std::vector<Endpoint> endpoints);

  /// An out_of_scope error that says what forbids it, or nothing.
  [[nodiscard]] Result<void> test(const Endpoint& endpoint) const;
  /// The same of a host as a whole, where no port is touched (ICMP).
  [[nodiscard]] Result<void> test_host(const IpAddress& host) const;
  [[nodiscard]] const std::vector<IpAddress>& hosts() const noexcept { return hosts_; }
  [[nodiscard]] const TransportPorts& never() const noexcept { return never_; }

 private:
  std::vector<IpAddress> hosts_;
  std::vector<Endpoint> endpoints_;
  TransportPorts never_;
};

/// What the inventory allows, before any name is resolved: immutable, shared by all shards.
struct ScopeRules {
  std::vector<AddressBlock> written;  // every address and block that the inventory names as a target
  std::vector<AddressBlock> include;  // bounds what names may resolve to, where not empty
  std::vector<AddressBlock> exclude;  // always wins

  /// May an address be asked that a name resolved to? The error says which rule forbids it.
  [[nodiscard]] Result<void> admit_resolved(const IpAddress& address, const std::string& name) const;
  [[nodiscard]] bool excluded(const IpAddress& address) const noexcept;
};

}  // namespace audit::net

#pragma once

#include <string>
#include <vector>

#include "base/block.hpp"
#include "base/ports.hpp"

namespace audit {

/// To whom a secret may be sent: targets of one of these groups, or one of these hosts or names; to these ports, or to
/// any where there are none; in clear text, or to a server that no certificate proves, only where that was written. Without
/// groups, hosts and names: every target.
struct Grant {
  std::vector<std::string> groups;
  std::vector<AddressBlock> hosts;
  std::vector<std::string> names;  // globs in lower case, without a final dot
  TransportPorts endpoints;
  bool cleartext = false;
  bool unverified = false;  // within TLS, whatever the server's certificate
  bool limited = false;     // the inventory says for whom, whatever is left of that

  [[nodiscard]] bool for_all() const noexcept { return !limited && groups.empty() && hosts.empty() && names.empty(); }
};

}  // namespace audit

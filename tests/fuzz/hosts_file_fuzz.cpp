#include <algorithm>

#include "fuzz.hpp"
#include "proto/hosts_file.hpp"

/// Each name of an address leads back to that address.
AUDIT_FUZZ_TARGET(bytes) {
  const audit::proto::HostsFile hosts(bytes);
  for (const auto& address : hosts.lookup("localhost"))
    for (const auto& name : hosts.names_of(address)) {
      const auto back = hosts.lookup(name);
      require(std::find(back.begin(), back.end(), address) != back.end());
    }
}

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace audit::proto {

/// resolv.conf(5), read as glibc reads it: three servers, ndots up to 15, timeout up to 30 s, attempts up to 5, the
/// last of `domain` and `search` counts. No server at all means the resolver on loopback.
struct ResolvConf {
  std::vector<std::string> nameservers;  // addresses as written, a zone included ("fe80::1%eth0")
  std::vector<std::string> search;
  int ndots = 1;
  int timeout_s = 5;
  int attempts = 2;
  bool rotate = false;
};

/// Never fails: a line that is not understood is passed over, as the C library does.
[[nodiscard]] ResolvConf parse_resolv_conf(std::string_view text);

}  // namespace audit::proto

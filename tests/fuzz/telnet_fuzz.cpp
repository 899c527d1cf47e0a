#include "fuzz.hpp"
#include "proto/telnet.hpp"

/// Nothing is added to what was sent, and each command is named once.
AUDIT_FUZZ_TARGET(bytes) {
  const auto telnet = audit::proto::read_telnet(bytes);
  require(telnet.text.size() <= bytes.size());
  require(telnet.options.size() <= bytes.size() / 2);
  require(telnet.negotiated == !telnet.options.empty());
}

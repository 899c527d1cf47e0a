#include "fuzz.hpp"
#include "proto/resolv_conf.hpp"

AUDIT_FUZZ_TARGET(bytes) {
  const auto conf = audit::proto::parse_resolv_conf(bytes);
  require(conf.nameservers.size() <= 3 && conf.search.size() <= 32);
  require(conf.ndots >= 0 && conf.ndots <= 15);
  require(conf.timeout_s >= 1 && conf.timeout_s <= 30);
  require(conf.attempts >= 1 && conf.attempts <= 5);
}

#include "fuzz.hpp"
#include "proto/tls_server_hello.hpp"

using namespace audit::proto;

/// The first byte says how far to read; the outcome does not depend on how the rest was split.
AUDIT_FUZZ_TARGET(bytes) {
  if (bytes.empty()) return;
  const auto until = (bytes[0] & 1) != 0 ? ServerFlightReader::Until::key_exchange : ServerFlightReader::Until::hello;
  bytes.remove_prefix(1);
  ServerFlightReader whole(until);
  ServerFlightReader bytewise(until);
  whole.feed(bytes);
  for (std::size_t at = 0; at < bytes.size(); ++at) bytewise.feed(bytes.substr(at, 1));
  require(whole.end() == bytewise.end());
  require(whole.error().message == bytewise.error().message);
  require(whole.greeted() == bytewise.greeted());
  require(whole.hello().cipher == bytewise.hello().cipher);
  require(whole.hello().group == bytewise.hello().group);
}

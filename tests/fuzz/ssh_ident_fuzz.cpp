#include "fuzz.hpp"
#include "proto/ssh_ident.hpp"

using namespace audit::proto;

/// The outcome does not depend on how the bytes were split.
AUDIT_FUZZ_TARGET(bytes) {
  SshIdentReader whole;
  SshIdentReader bytewise;
  whole.feed(bytes);
  for (std::size_t at = 0; at < bytes.size(); ++at) bytewise.feed(bytes.substr(at, 1));
  require(whole.end() == bytewise.end());
  require(whole.error().message == bytewise.error().message);
  require(whole.ident().line == bytewise.ident().line);
  require(whole.ident().line.size() < 255);
}

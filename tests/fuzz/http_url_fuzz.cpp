#include "fuzz.hpp"
#include "proto/http_url.hpp"

using namespace audit::proto;

/// A URL that is read is written so that it is read the same, and can stand in a request line.
AUDIT_FUZZ_TARGET(bytes) {
  HttpUrl base;
  base.host = "h";
  base.target = "/a/b?c";
  for (const auto& url : {parse_http_url(bytes), resolve_reference(base, bytes)}) {
    if (!url) continue;
    const auto again = parse_http_url(format_url(*url));
    require(!again || *again == *url);
    require(url->target.starts_with('/'));
    require(url->target.find_first_of(std::string_view(" \r\n\0#", 5)) == std::string::npos);
  }
}

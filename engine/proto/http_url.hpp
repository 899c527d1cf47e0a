#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace audit::proto {

/// The parts of an http: or https: URL that a request needs (RFC 3986, RFC 9110 4.2).
struct HttpUrl {
  bool tls = false;
  std::string host;  // a name in lower case, or an address without brackets
  std::uint16_t port = 80;
  std::string target = "/";  // path and query, as a request line has them; never a blank, a control or a fragment

  bool operator==(const HttpUrl&) const = default;
};

/// Blanks and bytes beyond ASCII in path and query are percent-encoded. Error rule_error, which says what is wrong: another
/// scheme, user information, no host, no port, a control, more than 8,192 bytes.
[[nodiscard]] Result<HttpUrl> parse_http_url(std::string_view text);
/// What a reference means that stands in a document at `base` (RFC 3986 5.2). Errors: as above.
[[nodiscard]] Result<HttpUrl> resolve_reference(const HttpUrl& base, std::string_view reference);

[[nodiscard]] std::string format_url(const HttpUrl& url);
/// "host", or "host:port" where the port is not the scheme's own; IPv6 in brackets.
[[nodiscard]] std::string format_host(std::string_view host, std::uint16_t port, bool tls);

}  // namespace audit::proto

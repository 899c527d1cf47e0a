#pragma once

#include <string>

#include "base/result.hpp"

namespace audit::cli {

/// The parts of an http: URL (RFC 3986, RFC 9110 4.2.1).
struct Url {
  std::string host;  // a name, or an address without brackets
  std::uint16_t port = 80;
  std::string path = "/";
};

/// Error (rule_error): what is wrong with it. No user information, no other scheme.
[[nodiscard]] Result<Url> parse_http_url(const std::string& text);

}  // namespace audit::cli

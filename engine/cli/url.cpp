#include "cli/url.hpp"

#include <fmt/format.h>

#include "base/ports.hpp"
#include "base/text.hpp"

namespace audit::cli {

Result<Url> parse_http_url(const std::string& text) {
  const auto refuse = [&](std::string_view why) {
    return Error(Reason::rule_error, fmt::format("`{}` {}", visible(text, 200), why));
  };
  constexpr std::string_view scheme = "http://";
  if (text.starts_with("https://")) return refuse("asks for TLS, which this version does not speak yet; http:// works");
  if (!text.starts_with(scheme)) return refuse("is no http:// URL");
  const std::string rest = text.substr(scheme.size());
  const std::size_t slash = rest.find_first_of("/?#");
  std::string authority = rest.substr(0, slash);
  Url url;
  if (slash != std::string::npos) {
    url.path = rest.substr(slash, rest.find('#', slash) - slash);
    if (!url.path.starts_with('/')) url.path.insert(0, "/");
  }
  if (authority.find('@') != std::string::npos) return refuse("holds user information, which is not sent");
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.rfind(':');
  if (colon != std::string::npos && (bracket == std::string::npos || colon > bracket)) {
    const auto port = parse_ports(authority.substr(colon + 1));
    if (!port || port->size() != 1) return refuse("has no port 1-65535 after its `:`");
    url.port = port->ranges().front().first;
    authority.resize(colon);
  }
  if (authority.starts_with('[') && authority.ends_with(']')) authority = authority.substr(1, authority.size() - 2);
  if (authority.empty()) return refuse("names no host");
  url.host = authority;
  return url;
}

}  // namespace audit::cli

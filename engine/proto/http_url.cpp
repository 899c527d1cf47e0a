#include "proto/http_url.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/ports.hpp"
#include "base/text.hpp"
#include "proto/ascii.hpp"

namespace audit::proto {
namespace {

constexpr std::size_t longest = 8'192;

Error refuse(std::string_view text, std::string_view why) {
  return {Reason::rule_error, fmt::format("`{}` {}", visible(text, 200), why)};
}

constexpr std::uint16_t default_port(bool tls) { return tls ? 443 : 80; }

/// RFC 3986 3.1: letters, then letters, digits, + - .; "" where the text has none.
std::string_view scheme_of(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || !is_letter(text.front())) return {};
  const std::string_view scheme = text.substr(0, colon);
  const bool good = std::all_of(scheme.begin(), scheme.end(),
                                [](char c) { return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.'; });
  return good ? scheme : std::string_view();
}

std::string encode(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (c == ' ' || static_cast<unsigned char>(c) >= 0x80)
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    else
      encoded += c;
  }
  return encoded;
}

/// RFC 3986 5.2.4, of a path that begins with '/'.
std::string remove_dot_segments(std::string_view path) {
  std::string kept;
  while (!path.empty()) {
    const std::size_t next = path.find('/', 1);
    const std::string_view segment = path.substr(0, next);
    const bool last = next == std::string_view::npos;
    path = last ? std::string_view() : path.substr(next);
    if (segment == "/..") kept.resize(kept.empty() ? 0 : kept.rfind('/'));
    if (segment != "/." && segment != "/..") {
      kept += segment;
    } else if (last) {
      kept += '/';
    }
  }
  return kept;
}

/// Path and query without their fragment, the path in its simplest form.
std::string target_of(std::string_view text) {
  text = text.substr(0, text.find('#'));
  const std::size_t query = text.find('?');
  std::string path = remove_dot_segments(text.substr(0, query));
  if (!path.starts_with('/')) path.insert(0, "/");
  if (query != std::string_view::npos) path += text.substr(query);
  return encode(path);
}

/// What follows "scheme:".
Result<HttpUrl> parse_rest(std::string_view whole, bool tls, std::string_view rest) {
  if (!rest.starts_with("//")) return refuse(whole, "names no host");
  rest.remove_prefix(2);
  const std::size_t end = std::min(rest.find_first_of("/?#"), rest.size());
  std::string_view authority = rest.substr(0, end);
  HttpUrl url;
  url.tls = tls;
  url.port = default_port(tls);
  url.target = target_of(rest.substr(end));
  if (authority.find('@') != std::string_view::npos) return refuse(whole, "holds user information, which is not sent");
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.rfind(':');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    const std::string_view digits = authority.substr(colon + 1);
    const auto port = parse_ports(digits);
    const bool number = std::all_of(digits.begin(), digits.end(), is_digit);
    if (!digits.empty() && (!number || !port || port->size() != 1))
      return refuse(whole, "has no port 1-65535 after its `:`");
    if (!digits.empty()) url.port = port->ranges().front().first;
    authority = authority.substr(0, colon);
  }
  const bool bracketed = authority.starts_with('[') && authority.ends_with(']');
  if (bracketed) authority = authority.substr(1, authority.size() - 2);
  if (authority.empty()) return refuse(whole, "names no host");
  if (authority.find_first_of(bracketed ? " []" : " []:") != std::string_view::npos)
    return refuse(whole, "names no host: an IPv6 address stands in brackets, http://[2001:db8::1]/");
  url.host = authority;
  std::transform(url.host.begin(), url.host.end(), url.host.begin(), lower);
  return url;
}

Result<std::string_view> check_bytes(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  if (text.size() > longest) return refuse(text, fmt::format("is longer than {} bytes", longest));
  if (std::any_of(text.begin(), text.end(), is_control)) return refuse(text, "holds a control character");
  return text;
}

}  // namespace

Result<HttpUrl> parse_http_url(std::string_view text) {
  const Result<std::string_view> checked = check_bytes(text);
  if (!checked) return checked.error();
  text = *checked;
  const std::string_view scheme = scheme_of(text);
  const bool tls = same_text(scheme, "https");
  if (!tls && !same_text(scheme, "http")) return refuse(text, "does not begin with http:// or https://");
  return parse_rest(text, tls, text.substr(scheme.size() + 1));
}

Result<HttpUrl> resolve_reference(const HttpUrl& base, std::string_view reference) {
  const Result<std::string_view> checked = check_bytes(reference);
  if (!checked) return checked.error();
  reference = *checked;
  if (!scheme_of(reference).empty()) return parse_http_url(reference);
  if (reference.starts_with("//")) return parse_rest(reference, base.tls, reference);
  HttpUrl url = base;
  reference = reference.substr(0, reference.find('#'));
  const std::string_view base_path = std::string_view(base.target).substr(0, base.target.find('?'));
  if (reference.starts_with('/')) {
    url.target = target_of(reference);
  } else if (reference.starts_with('?')) {
    url.target = target_of(std::string(base_path) + std::string(reference));
  } else if (!reference.empty()) {
    url.target = target_of(std::string(base_path.substr(0, base_path.rfind('/') + 1)) + std::string(reference));
  }
  return url;
}

std::string format_host(std::string_view host, std::uint16_t port, bool tls) {
  const bool literal = host.find(':') != std::string_view::npos;
  std::string shown(literal ? "[" : "");
  shown += host;
  if (literal) shown += ']';
  if (port != default_port(tls)) shown.append(":").append(fmt::format_int(port).c_str());
  return shown;
}

std::string format_url(const HttpUrl& url) {
  return fmt::format("{}://{}{}", url.tls ? "https" : "http", format_host(url.host, url.port, url.tls), url.target);
}

}  // namespace audit::proto

#include "inventory/target_url.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/ports.hpp"
#include "base/text.hpp"

namespace audit::inventory {
namespace {

constexpr std::size_t longest_shown = 80;
constexpr std::size_t longest_url = 2'048;

constexpr std::array<std::pair<std::string_view, std::uint16_t>, 10> known_ports{{
    {"http", 80},
    {"https", 443},
    {"ws", 80},
    {"wss", 443},
    {"ftp", 21},
    {"ssh", 22},
    {"sftp", 22},
    {"ldap", 389},
    {"ldaps", 636},
    {"imaps", 993},
}};

std::string lower(std::string_view text) {
  std::string small(text);
  for (char& c : small)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return small;
}

std::uint16_t port_of_scheme(const std::string& scheme) {
  const auto known =
      std::find_if(known_ports.begin(), known_ports.end(), [&](const auto& row) { return row.first == scheme; });
  return known == known_ports.end() ? std::uint16_t{0} : known->second;
}

bool is_scheme(std::string_view text) {
  return !text.empty() && text.front() >= 'a' && text.front() <= 'z' &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789+-.") == std::string_view::npos;
}

}  // namespace

bool meant_as_url(std::string_view text) { return text.find("://") != std::string_view::npos; }

Parsed<TargetUrl> parse_target_url(std::string_view text) {
  const std::size_t colon = text.find("://");
  const std::string scheme = lower(text.substr(0, colon));
  std::string_view authority = text.substr(colon + 3);
  const std::size_t end = std::min(authority.find_first_of("/?#"), authority.size());
  const std::string_view after = authority.substr(end);
  authority = authority.substr(0, end);
  // Checked first: nothing of such a URL may stand in a message. A password may hold the very characters that end a host.
  if (text.find('@') != std::string_view::npos)
    return Complaint{
        "this URL holds an @, behind which stands its host and before it a name or a password; an inventory names "
        "secrets and never holds them: take them out, and see [credentials]"};
  if (after.find('?') != std::string_view::npos)
    return Complaint{"this URL has a query, which may hold a secret and would stand in reports; write it up to the ?"};
  const std::string shown = visible(text, longest_shown);
  if (text.size() > longest_url) return Complaint{fmt::format("{} is longer than {} bytes", shown, longest_url)};
  if (!is_scheme(scheme))
    return Complaint{fmt::format("{} is not a URL; one looks like https://www.example.net/", shown)};
  if (after.find('#') != std::string_view::npos)
    return Complaint{fmt::format("{} has a fragment, which is never sent; write it up to the #", shown)};
  if (std::any_of(after.begin(), after.end(), [](char c) { return c <= 0x20 || c >= 0x7f; }))
    return Complaint{fmt::format("{} holds blanks or characters that a URL writes as %XX", shown)};

  TargetUrl url;
  std::string_view port;
  bool port_written = false;
  if (authority.starts_with('[')) {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos) return Complaint{fmt::format("{} lacks the ] after its address", shown)};
    url.host = authority.substr(1, close - 1);
    port = authority.substr(close + 1);
    port_written = port.starts_with(':');
    if (!port.empty() && !port_written) return Complaint{fmt::format("{} has something odd after its ]", shown)};
  } else {
    const std::size_t before_port = authority.find(':');
    url.host = authority.substr(0, before_port);
    port_written = before_port != std::string_view::npos;
    if (port_written) port = authority.substr(before_port);
  }
  if (url.host.empty()) return Complaint{fmt::format("{} has no host", shown)};
  if (!port_written) {
    url.port = port_of_scheme(scheme);
    if (url.port == 0)
      return Complaint{
          fmt::format("{}: the port of {} is not known here; write it behind the host, such as {}://{}:8080", shown,
                      scheme, scheme, visible(url.host, longest_shown))};
    return url;
  }
  const auto ports = parse_ports(port.substr(1));
  if (!ports || ports->size() != 1 || port.find('-') != std::string_view::npos)
    return Complaint{fmt::format("{}: its port has to be a number from 1 to 65535", shown)};
  url.port = ports->ranges().front().first;
  return url;
}

}  // namespace audit::inventory

#include "inventory/notify_address.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/address.hpp"
#include "base/ports.hpp"
#include "base/text.hpp"
#include "inventory/read_value.hpp"

namespace audit::inventory {
namespace {

constexpr std::size_t longest_url = 2'048;
constexpr std::size_t longest_host = 253;
constexpr std::string_view alphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

bool consists_of(std::string_view text, std::string_view letters, std::string_view more) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return letters.find(c) != std::string_view::npos || more.find(c) != std::string_view::npos;
  });
}

std::string list_of(const std::vector<NotifyScheme>& schemes) {
  std::string list;
  for (std::size_t i = 0; i < schemes.size(); ++i)
    list += fmt::format("{}{}://", i == 0 ? "" : i + 1 == schemes.size() ? " or " : ", ", schemes[i].name);
  return list;
}

/// "host", "host:25", "[2001:db8::1]:25"; what is wrong with it, or "".
std::string read_authority(std::string_view authority, std::uint16_t usual_port, NotifyAddress& address) {
  std::string_view port;
  if (authority.starts_with('[')) {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos) return "lacks the ] after its address";
    address.host = authority.substr(1, close - 1);
    port = authority.substr(close + 1);
    if (!parse_address(address.host)) return "has no IPv6 address within its [ ]";
  } else {
    const std::size_t colon = authority.find(':');
    address.host = authority.substr(0, colon);
    if (colon != std::string_view::npos) port = authority.substr(colon);
    if (address.host.empty()) return "has no host";
    if (address.host.size() > longest_host || !consists_of(address.host, alphanumeric, "-._"))
      return "has a host that is neither a name nor an address";
  }
  address.port = usual_port;
  if (port.empty()) return usual_port == 0 ? "says no port; write it behind the host, such as :514" : "";
  const auto ports = port.starts_with(':') ? parse_ports(port.substr(1)) : std::nullopt;
  if (!ports || ports->size() != 1 || port.find('-') != std::string_view::npos)
    return "has a port that is no number from 1 to 65535";
  address.port = ports->ranges().front().first;
  return "";
}

Parsed<NotifyAddress> local_socket(std::string_view path) {
  constexpr std::size_t longest_path = 107;  // unix(7): sun_path
  if (!path.starts_with('/') || path.size() > longest_path ||
      std::any_of(path.begin(), path.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }))
    return Complaint{
        fmt::format("a unix:// address is the path of a socket, of at most {} bytes: unix:///dev/log", longest_path)};
  NotifyAddress address;
  address.scheme = "unix";
  address.path = path;
  return address;
}

}  // namespace

Parsed<NotifyAddress> parse_notify_address(std::string_view text, const std::vector<NotifyScheme>& schemes) {
  // Checked first: nothing of such a URL may stand in a message.
  if (text.find('@') != std::string_view::npos)
    return Complaint{
        "this URL holds an @, before which stands a name or a password; an inventory names secrets and never holds "
        "them: take them out, and name a credential"};
  if (text.size() > longest_url) return Complaint{fmt::format("this URL is longer than {} bytes", longest_url)};
  const std::size_t colon = text.find("://");
  const std::string_view scheme = text.substr(0, colon == std::string_view::npos ? 0 : colon);
  const auto known =
      std::find_if(schemes.begin(), schemes.end(), [&](const NotifyScheme& one) { return one.name == scheme; });
  if (known == schemes.end())
    return Complaint{fmt::format("this URL has to begin with {}; it begins with {}", list_of(schemes),
                                 quoted(colon == std::string_view::npos ? text.substr(0, 12) : scheme))};
  std::string_view rest = text.substr(colon + 3);
  if (scheme == "unix") return local_socket(rest);
  const std::size_t end = std::min(rest.find_first_of("/?#"), rest.size());
  const std::string shown = visible(text.substr(0, colon + 3 + end), 80);
  NotifyAddress address;
  address.scheme = scheme;
  address.path = rest.substr(end);
  if (address.path.find('#') != std::string::npos)
    return Complaint{fmt::format("{} has a fragment, which is never sent; write it up to the #", shown)};
  if (std::any_of(address.path.begin(), address.path.end(), [](char c) { return c <= 0x20 || c >= 0x7f; }))
    return Complaint{fmt::format("{}: its path holds blanks or characters that a URL writes as %XX", shown)};
  if (std::string wrong = read_authority(rest.substr(0, end), known->port, address); !wrong.empty())
    return Complaint{fmt::format("{} {}", shown, wrong)};
  if (address.path.empty() || address.path.starts_with('?')) address.path.insert(0, "/");
  return address;
}

bool is_mailbox(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos || at == 0 || at > 64) return false;  // RFC 5321 4.5.3.1.1
  const std::string_view domain = text.substr(at + 1);
  return consists_of(text.substr(0, at), alphanumeric, ".!#$%&'*+-/=?^_`{|}~") && !domain.empty() &&
         domain.size() <= longest_host && consists_of(domain, alphanumeric, "-.");
}

}  // namespace audit::inventory

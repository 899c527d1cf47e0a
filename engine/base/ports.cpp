#include "base/ports.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace audit {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  text = trimmed(text);
  std::uint16_t port = 0;
  const auto [rest, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (failure != std::errc{} || rest != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

}  // namespace

std::string_view name_of(Transport transport) noexcept { return transport == Transport::tcp ? "tcp" : "udp"; }

void PortSet::add(std::uint16_t first, std::uint16_t last) {
  std::vector<Range> merged;
  merged.reserve(ranges_.size() + 1);
  std::uint32_t low = first;
  std::uint32_t high = last;
  auto next = ranges_.begin();
  for (; next != ranges_.end() && next->last + 1U < low; ++next) merged.push_back(*next);
  for (; next != ranges_.end() && next->first <= high + 1U; ++next) {
    low = std::min<std::uint32_t>(low, next->first);
    high = std::max<std::uint32_t>(high, next->last);
  }
  merged.push_back({static_cast<std::uint16_t>(low), static_cast<std::uint16_t>(high)});
  merged.insert(merged.end(), next, ranges_.end());
  ranges_ = std::move(merged);
}

void PortSet::add(const PortSet& other) {
  for (const Range& range : other.ranges_) add(range.first, range.last);
}

void PortSet::remove(const PortSet& other) {
  for (const Range& cut : other.ranges_) {
    std::vector<Range> kept;
    for (const Range& range : ranges_) {
      if (cut.last < range.first || cut.first > range.last) {
        kept.push_back(range);
        continue;
      }
      if (range.first < cut.first) kept.push_back({range.first, static_cast<std::uint16_t>(cut.first - 1)});
      if (range.last > cut.last) kept.push_back({static_cast<std::uint16_t>(cut.last + 1), range.last});
    }
    ranges_ = std::move(kept);
  }
}

bool PortSet::contains(std::uint16_t port) const noexcept {
  const auto after = std::upper_bound(ranges_.begin(), ranges_.end(), port,
                                      [](std::uint16_t value, const Range& range) { return value < range.first; });
  return after != ranges_.begin() && std::prev(after)->last >= port;
}

std::uint32_t PortSet::size() const noexcept {
  std::uint32_t count = 0;
  for (const Range& range : ranges_) count += range.last - range.first + 1U;
  return count;
}

std::vector<std::uint16_t> PortSet::list() const {
  std::vector<std::uint16_t> ports;
  ports.reserve(size());
  for (const Range& range : ranges_)
    for (std::uint32_t port = range.first; port <= range.last; ++port)
      ports.push_back(static_cast<std::uint16_t>(port));
  return ports;
}

std::string PortSet::format() const {
  if (ranges_.empty()) return "none";
  std::string text;
  for (const Range& range : ranges_) {
    if (!text.empty()) text += ',';
    text += range.first == range.last ? fmt::format("{}", range.first) : fmt::format("{}-{}", range.first, range.last);
  }
  return text;
}

std::optional<PortSet> parse_ports(std::string_view text) {
  PortSet ports;
  while (true) {
    const std::size_t comma = text.find(',');
    const std::string_view part = text.substr(0, comma);
    const std::size_t dash = part.find('-');
    const auto first = parse_port(part.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : parse_port(part.substr(dash + 1));
    if (!first || !last || *first > *last) return std::nullopt;
    ports.add(*first, *last);
    if (comma == std::string_view::npos) return ports;
    text.remove_prefix(comma + 1);
  }
}

void TransportPorts::add(const TransportPorts& other) {
  tcp.add(other.tcp);
  udp.add(other.udp);
}

std::string TransportPorts::format() const {
  if (empty()) return "none";
  std::string text;
  if (!tcp.empty()) text += "tcp/" + tcp.format();
  if (!udp.empty()) text += (text.empty() ? "udp/" : " udp/") + udp.format();
  return text;
}

std::optional<TransportPorts> parse_transport_ports(std::string_view text) {
  Transport transport = Transport::tcp;
  if (text.starts_with("tcp/")) {
    text.remove_prefix(4);
  } else if (text.starts_with("udp/")) {
    transport = Transport::udp;
    text.remove_prefix(4);
  }
  const auto ports = parse_ports(text);
  if (!ports) return std::nullopt;
  TransportPorts both;
  both.of(transport) = *ports;
  return both;
}

std::string format_endpoint(const Endpoint& endpoint) {
  std::string text(name_of(endpoint.transport));
  text += '/';
  text += format_socket(endpoint.address, endpoint.port);
  return text;
}

std::string format_socket(const IpAddress& address, std::uint16_t port) {
  std::string text = format_bracketed(address);
  text += ':';
  text += std::to_string(port);
  return text;
}

std::optional<Endpoint> parse_socket(std::string_view text, Transport transport, std::uint16_t port) {
  Endpoint endpoint;
  endpoint.transport = transport;
  endpoint.port = port;
  if (const auto address = parse_address(text)) {
    endpoint.address = *address;
    return endpoint;
  }
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const auto address = parse_address(host);
  const auto ports = parse_ports(text.substr(colon + 1));
  if (!address || !ports || ports->size() != 1) return std::nullopt;
  endpoint.address = *address;
  endpoint.port = ports->ranges().front().first;
  return endpoint;
}

std::optional<Endpoint> parse_endpoint(std::string_view text) {
  const bool tcp = text.starts_with("tcp/");
  if (!tcp && !text.starts_with("udp/")) return std::nullopt;
  const auto endpoint = parse_socket(text.substr(4), tcp ? Transport::tcp : Transport::udp, 0);
  return endpoint && endpoint->port > 0 ? endpoint : std::nullopt;
}

}  // namespace audit

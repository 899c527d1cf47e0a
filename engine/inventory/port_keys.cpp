#include "inventory/port_keys.hpp"

#include <fmt/format.h>

#include "base/text.hpp"

namespace audit::inventory {
namespace {

constexpr std::string_view example = "[22, \"8000-8100\"]";

std::string why_no_ports(std::string_view text, std::string_view key, Transport transport) {
  const std::string ours = std::string(name_of(transport)) + '/';
  const Transport other = transport == Transport::tcp ? Transport::udp : Transport::tcp;
  if (text.starts_with(ours) && parse_ports(text.substr(ours.size())))
    return fmt::format("{} holds {} ports alone; write {}", key, transport == Transport::tcp ? "TCP" : "UDP",
                       quoted(text.substr(ours.size())));
  if (text.starts_with(std::string(name_of(other)) + '/'))
    return fmt::format("{} is here about {}, and {} is not; write it in expect.{}", key, name_of(transport),
                       quoted(text), name_of(other));
  const std::size_t dash = text.find('-');
  if (dash != std::string_view::npos) {
    const std::string turned = fmt::format("{}-{}", text.substr(dash + 1), text.substr(0, dash));
    if (parse_ports(turned)) return fmt::format("{} runs backwards; write {}", quoted(text), quoted(turned));
  }
  return fmt::format("{} is not a port or range of ports; they go from 1 to 65535, written as 22 or \"8000-8100\"",
                     quoted(text));
}

/// One port or range, not a list.
std::optional<PortSet> read_one(Mistakes& mistakes, const Node& node, std::string_view key, Transport transport) {
  if (const auto* number = node.get_if<std::int64_t>()) {
    if (*number >= 1 && *number <= 65'535) {
      PortSet ports;
      ports.add(static_cast<std::uint16_t>(*number), static_cast<std::uint16_t>(*number));
      return ports;
    }
    mistakes.add(node.at, fmt::format("{} is not a port; ports go from 1 to 65535", *number));
    return std::nullopt;
  }
  if (const auto* text = node.get_if<std::string>()) {
    if (auto ports = parse_ports(*text)) return ports;
    mistakes.add(node.at, why_no_ports(*text, key, transport));
    return std::nullopt;
  }
  mistakes.add(node.at, fmt::format("{} has to be ports, such as {}; this is {}", key, example, kind_of(node)));
  return std::nullopt;
}

void append(std::vector<AllowedPort>& allowed, const PortSet& ports, const std::string& why, const Place& place) {
  for (const PortSet::Range& range : ports.ranges()) allowed.push_back({range, why, place});
}

bool read_reasoned(Mistakes& mistakes, const Node& node, const NodeTable& table, Transport transport,
                   std::vector<AllowedPort>& allowed) {
  check_keys(mistakes, table, "a port of allow", {"port", "why"});
  const KeyValue* port = find(table, "port");
  const KeyValue* why = find(table, "why");
  if (port == nullptr) {
    mistakes.add(node.at, "this allows no port; write { port = 830, why = \"CHG-112\" }");
    return false;
  }
  const auto ports = read_one(mistakes, port->node, "port", transport);
  const auto reason = why == nullptr ? std::optional(std::string()) : read_text(mistakes, *why, "\"CHG-112\"");
  if (!ports || !reason) return false;
  append(allowed, *ports, *reason, mistakes.place(node.at));
  return true;
}

bool read_allowed_one(Mistakes& mistakes, const Node& node, Transport transport, std::vector<AllowedPort>& allowed) {
  if (const auto* table = node.get_if<NodeTable>()) return read_reasoned(mistakes, node, *table, transport, allowed);
  const auto ports = read_one(mistakes, node, "allow", transport);
  if (ports) append(allowed, *ports, {}, mistakes.place(node.at));
  return ports.has_value();
}

}  // namespace

std::optional<PortSet> read_ports(Mistakes& mistakes, const KeyValue& member, Transport transport) {
  const auto* list = member.node.get_if<NodeList>();
  if (list == nullptr) return read_one(mistakes, member.node, member.key, transport);
  PortSet all;
  bool good = true;
  for (const Node& node : *list) {
    const auto ports = read_one(mistakes, node, member.key, transport);
    if (ports) all.add(*ports);
    good = good && ports;
  }
  return good ? std::optional(all) : std::nullopt;
}

std::optional<std::vector<AllowedPort>> read_allowed(Mistakes& mistakes, const KeyValue& member, Transport transport) {
  std::vector<AllowedPort> allowed;
  const auto* list = member.node.get_if<NodeList>();
  bool good = true;
  if (list == nullptr)
    good = read_allowed_one(mistakes, member.node, transport, allowed);
  else
    for (const Node& node : *list) good = read_allowed_one(mistakes, node, transport, allowed) && good;
  return good ? std::optional(std::move(allowed)) : std::nullopt;
}

TransportPorts read_never(Mistakes& mistakes, const KeyValue& member) {
  TransportPorts never;
  if (const auto* list = member.node.get_if<NodeList>()) {
    for (const Node& node : *list)
      if (const auto* port = node.get_if<std::int64_t>(); port != nullptr && *port >= 1 && *port <= 65'535) {
        mistakes.add(node.at,
                     fmt::format("never needs the transport too; write \"tcp/{0}\", \"udp/{0}\" or both", *port));
        return never;
      }
  }
  for (const Text& item : read_texts(mistakes, member, "\"tcp/102\"")) {
    const bool transport = item.text.starts_with("tcp/") || item.text.starts_with("udp/");
    const auto ports = parse_transport_ports(item.text);
    if (ports && transport)
      never.add(*ports);
    else if (ports)
      mistakes.add(item.at, fmt::format("{} lacks its transport; write \"tcp/{}\", \"udp/{}\" or both",
                                        quoted(item.text), item.text, item.text));
    else
      mistakes.add(item.at, fmt::format("{} is not a transport and its ports; write \"tcp/102\" or \"udp/161-162\"",
                                        quoted(item.text)));
  }
  return never;
}

std::optional<std::uint16_t> parse_service_port(std::string_view text) {
  const auto ports = parse_ports(text);
  if (!ports || ports->size() != 1 || text.find_first_not_of("0123456789") != std::string_view::npos)
    return std::nullopt;
  return ports->ranges().front().first;
}

}  // namespace audit::inventory

#include "inventory/target_pattern.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "inventory/notation.hpp"

namespace audit::inventory {
namespace {

constexpr std::string_view group_prefix = "group:";
constexpr std::size_t longest_shown = 80;

}  // namespace

Parsed<TargetPattern> parse_target_pattern(std::string_view text, const std::vector<Zone>& zones) {
  TargetPattern pattern;
  pattern.text = text;
  if (auto why = unknown_zone(text, zones); !why.empty()) return Complaint{std::move(why)};
  if (const Zone* zone = zone_before(text, zones, text)) pattern.zone = zone->name;
  if (text == "*") {
    pattern.kind = TargetPattern::Kind::everything;
    return pattern;
  }
  if (text.starts_with(group_prefix)) {
    pattern.kind = TargetPattern::Kind::group;
    pattern.word = text.substr(group_prefix.size());
    return pattern;
  }
  auto parsed = parse_exclude(text);
  if (auto* complaint = std::get_if<Complaint>(&parsed)) return std::move(*complaint);
  Exclude& named = std::get<Exclude>(parsed);
  pattern.kind = named.blocks.empty() ? TargetPattern::Kind::name : TargetPattern::Kind::addresses;
  pattern.word = std::move(named.name_glob);
  pattern.blocks = std::move(named.blocks);
  return pattern;
}

Parsed<EndpointPattern> parse_endpoint_pattern(std::string_view text) {
  EndpointPattern pattern;
  pattern.text = text;
  const std::size_t slash = text.find('/');
  const std::string_view transport = text.substr(0, slash);
  if (slash != std::string_view::npos && (transport == "tcp" || transport == "udp")) {
    pattern.transport = transport == "tcp" ? Transport::tcp : Transport::udp;
    const std::string_view rest = text.substr(slash + 1);
    const auto ports = parse_ports(rest);
    if (ports && ports->size() == 1) {
      pattern.port = ports->ranges().front().first;
      return pattern;
    }
    const auto socket = parse_socket(rest, pattern.transport, 0);
    if (socket && socket->port > 0) {
      pattern.port = socket->port;
      pattern.address = canonical(socket->address);
      return pattern;
    }
  }
  return Complaint{
      fmt::format("\"{}\" is no endpoint; write one port of one transport: \"tcp/23\" for every address, or "
                  "\"tcp/10.0.0.1:23\" for one",
                  visible(text, longest_shown))};
}

}  // namespace audit::inventory

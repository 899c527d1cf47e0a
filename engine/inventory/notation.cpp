#include "inventory/notation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "inventory/addresses.hpp"
#include "inventory/octet_range.hpp"
#include "inventory/target_url.hpp"

namespace audit::inventory {
namespace {

constexpr std::string_view group_prefix = "group:";
constexpr std::size_t longest_shown = 80;
constexpr std::size_t longest_name = 253;
constexpr std::size_t longest_label = 63;
constexpr std::string_view name_characters = "abcdefghijklmnopqrstuvwxyz0123456789-_.";

Complaint complain(std::string text) { return {std::move(text)}; }

std::string lower(std::string_view text) {
  std::string small(text);
  for (char& c : small)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  if (small.ends_with('.')) small.pop_back();
  return small;
}

bool overlap(const AddressBlock& a, const AddressBlock& b) {
  return a.first.family == b.first.family && a.first.bytes <= b.last.bytes && b.first.bytes <= a.last.bytes;
}

/// Addresses to which no TCP connection can be made, whoever writes them.
struct Unaskable {
  std::string_view prefix;
  std::string_view what;
};

constexpr std::array<Unaskable, 5> unaskable{{
    {"0.0.0.0/8", "unspecified"},
    {"224.0.0.0/4", "multicast"},
    {"255.255.255.255/32", "broadcast"},
    {"::/128", "unspecified"},
    {"ff00::/8", "multicast"},
}};

std::string why_unaskable(const AddressBlock& block, std::string_view text) {
  for (const auto& [prefix, what] : unaskable) {
    if (!overlap(block, *parse_prefix(prefix))) continue;
    const std::string shown = visible(text, longest_shown);
    if (block.first != block.last)
      return fmt::format("{} holds {} addresses, which cannot be asked over TCP; write only addresses of hosts", shown,
                         what);
    return fmt::format("{} is {} {} address, which cannot be asked over TCP; write the address of a host", shown,
                       what.starts_with('u') ? "an" : "a", what);
  }
  return {};
}

AddressBlock without_ends(const AddressBlock& block) {
  if (block.first.family != Family::v4 || block.size() < 4) return block;
  return {block.at(1), block.at(block.size() - 2)};
}

/// 16777216 as "16,777,216".
std::string with_commas(std::uint64_t number) {
  std::string text = fmt::format("{}", number);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

std::string too_large(const AddressBlock& block, std::string_view text) {
  const bool v4 = block.first.family == Family::v4;
  const bool saturated = block.size() == ~std::uint64_t{0};
  const bool askable = kind_of(block.first) != AddressKind::unspecified;
  return fmt::format(
      "{} covers {} addresses, and a target at most {} (an IPv4 /8, an IPv6 /104); write the hosts one by "
      "one, or smaller CIDRs such as {}/{}",
      visible(text, longest_shown), saturated ? "2^64 or more" : with_commas(block.size()), with_commas(largest_block),
      askable ? format_address(block.first)
      : v4    ? "10.0.0.0"
              : "2001:db8::",
      v4 ? 8 : 120);
}

std::string surrounding_blanks(std::string_view text) {
  if (!meant_as_url(text) && text.find('@') != std::string_view::npos)
    return "this holds an @, behind which stands a host and before it a name or a password; an inventory names secrets "
           "and never holds them: write the host alone, and see [credentials]";
  if (text.empty()) return "there is no address here; write an address, CIDR, range or name";
  const std::size_t begin = text.find_first_not_of(" \t");
  const std::size_t end = text.find_last_not_of(" \t");
  if (begin == std::string_view::npos) return surrounding_blanks({});
  const std::string_view inner = text.substr(begin, end - begin + 1);
  if (inner.size() == text.size()) return {};
  return fmt::format("\"{}\" has blanks around it; write \"{}\"", visible(text, longest_shown),
                     visible(inner, longest_shown));
}

/// "10.20.*" is no name and excludes nobody: the CIDR that was meant.
std::string prefix_meant(std::string_view glob) {
  std::string prefix;
  unsigned length = 0;
  for (; length < 32; length += 8) {
    const std::size_t dot = glob.find('.');
    const std::string_view number = glob.substr(0, dot);
    if (number.empty() || number.find_first_not_of("0123456789") != std::string_view::npos) break;
    prefix += fmt::format("{}{}", prefix.empty() ? "" : ".", number);
    glob.remove_prefix(dot == std::string_view::npos ? glob.size() : dot + 1);
  }
  for (unsigned filled = length; filled < 32; filled += 8) prefix += prefix.empty() ? "0" : ".0";
  const std::string cidr = fmt::format("{}/{}", prefix, length);
  return length > 0 && parse_prefix(cidr) ? cidr : "10.20.0.0/16";
}

Parsed<Exclude> parse_name_glob(std::string_view text) {
  Exclude exclude{std::string(text), {}, lower(text), {}, {}};
  const std::string& glob = exclude.name_glob;
  if (glob.find_first_of("0123456789") != std::string::npos &&
      glob.find_first_not_of("0123456789.*?-") == std::string::npos)
    return complain(fmt::format("{} is a pattern of numbers, and names alone have patterns; write {}",
                                visible(text, longest_shown), prefix_meant(glob)));
  const std::size_t odd = glob.find_first_not_of(std::string(name_characters) + "*?");
  if (odd != std::string::npos)
    return complain(
        fmt::format("{} is not a pattern of names: \"{}\" is not part of one; write * for any run of "
                    "characters and ? for one",
                    visible(text, longest_shown), visible(text.substr(odd, 1))));
  return exclude;
}

/// An octet range: its first block, and the others beside it.
Parsed<Entry> parse_octet_target(std::string_view text) {
  auto parsed = parse_octets(text);
  if (const auto* complaint = std::get_if<Complaint>(&parsed)) return *complaint;
  auto& blocks = std::get<std::vector<AddressBlock>>(parsed);
  for (const AddressBlock& block : blocks)
    if (auto why = why_unaskable(block, text); !why.empty()) return complain(std::move(why));
  Entry entry;
  entry.text = text;
  entry.kind = Entry::Kind::block;
  entry.block = blocks.front();
  entry.more.assign(blocks.begin() + 1, blocks.end());
  return entry;
}

Parsed<Entry> parse_url_target(std::string_view text) {
  const auto parsed = parse_target_url(text);
  if (const auto* complaint = std::get_if<Complaint>(&parsed)) return *complaint;
  const auto& [host, port] = std::get<TargetUrl>(parsed);
  auto target = parse_target(host);
  auto* entry = std::get_if<Entry>(&target);
  if (entry == nullptr) return target;
  if (entry->kind == Entry::Kind::block)
    return complain(fmt::format("{}: a URL has one host, not a range", visible(text, longest_shown)));
  entry->text = text;
  entry->port = port;
  return target;
}

Parsed<Exclude> parse_group(std::string_view text) {
  Exclude exclude{std::string(text), {}, {}, {}, std::string(text.substr(group_prefix.size()))};
  if (exclude.group.empty()) return complain("group: lacks the name of a group; write \"group:lab\"");
  return exclude;
}

}  // namespace

Parsed<std::string> parse_host_name(std::string_view text) {
  const std::string shown = visible(text, longest_shown);
  const std::string name = lower(text);
  if (std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }))
    return complain(fmt::format("{} is not ASCII; write the name as the DNS holds it, with xn--", shown));
  if (name.find_first_of("*?") != std::string::npos)
    return complain(fmt::format("{} is a pattern; a target is one name, address, CIDR or range", shown));
  if (name.find_first_of(", ") != std::string::npos)
    return complain(fmt::format("{} is more than one word; write one target for each name or address", shown));
  if (const std::size_t odd = name.find_first_not_of(name_characters); odd != std::string::npos)
    return complain(fmt::format("{} is not a host name: \"{}\" is not part of one (letters, digits, - and . are)",
                                shown, visible(text.substr(odd, 1))));
  if (name.size() > longest_name)
    return complain(fmt::format("{} has {} characters; a host name has at most {}", shown, name.size(), longest_name));
  std::string_view rest = name;
  while (true) {
    const std::string_view label = rest.substr(0, rest.find('.'));
    if (label.empty()) return complain(fmt::format("{} lacks a name between two dots", shown));
    if (label.size() > longest_label)
      return complain(fmt::format("{} has a part of {} characters; a part of a host name has at most {}", shown,
                                  label.size(), longest_label));
    if (label.starts_with('-') || label.ends_with('-'))
      return complain(fmt::format("{} is not a host name: no part of one begins or ends with -", shown));
    if (label.size() == rest.size()) return name;
    rest.remove_prefix(label.size() + 1);
  }
}

Parsed<Entry> parse_target(std::string_view text) {
  if (auto why = surrounding_blanks(text); !why.empty()) return complain(std::move(why));
  if (meant_as_url(text)) return parse_url_target(text);
  if (meant_as_octets(text)) return parse_octet_target(text);
  Entry entry;
  entry.text = text;
  if (!meant_as_addresses(text)) {
    auto name = parse_host_name(text);
    if (auto* complaint = std::get_if<Complaint>(&name)) return std::move(*complaint);
    entry.kind = Entry::Kind::name;
    entry.name = std::get<std::string>(std::move(name));
    return entry;
  }
  const auto parsed = parse_addresses(text);
  if (const auto* complaint = std::get_if<Complaint>(&parsed)) return *complaint;
  const auto& [form, block] = std::get<Addresses>(parsed);
  entry.kind = form == Addresses::Form::address ? Entry::Kind::address : Entry::Kind::block;
  entry.block = form == Addresses::Form::prefix ? without_ends(block) : block;
  if (block.size() > largest_block) return complain(too_large(block, text));
  if (auto why = why_unaskable(entry.block, text); !why.empty()) return complain(std::move(why));
  return entry;
}

Parsed<Exclude> parse_exclude(std::string_view text) {
  if (auto why = surrounding_blanks(text); !why.empty()) return complain(std::move(why));
  if (text.starts_with(group_prefix)) return parse_group(text);
  if (meant_as_url(text)) return complain("a URL is no address or name; write its host alone");
  if (text == "*") return complain("* means every name and no address; write both, or what is meant");
  if (text.find_first_of("*?") != std::string_view::npos) return parse_name_glob(text);
  if (meant_as_octets(text)) {
    auto blocks = parse_octets(text);
    if (const auto* complaint = std::get_if<Complaint>(&blocks)) return *complaint;
    return Exclude{std::string(text), std::get<std::vector<AddressBlock>>(std::move(blocks)), {}, {}, {}};
  }
  if (meant_as_addresses(text)) {
    const auto parsed = parse_addresses(text);
    if (const auto* complaint = std::get_if<Complaint>(&parsed)) return *complaint;
    return Exclude{std::string(text), {std::get<Addresses>(parsed).block}, {}, {}, {}};
  }
  auto name = parse_host_name(text);
  if (auto* complaint = std::get_if<Complaint>(&name)) return std::move(*complaint);
  return Exclude{std::string(text), {}, std::get<std::string>(std::move(name)), {}, {}};
}

Parsed<std::string> parse_resolver(std::string_view text) {
  const Complaint odd =
      complain(fmt::format("{} is not a resolver; write its address, with a port where that is not 53: "
                           "192.0.2.53, 127.0.0.1:5353 or [2001:db8::53]:5353",
                           visible(text, longest_shown)));
  std::string_view host = text;
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return odd;
    host = text.substr(1, close - 1);
    port = text.substr(close + 1);
    if (!port.empty() && !port.starts_with(':')) return odd;
  } else if (const std::size_t colon = text.find(':'); colon != std::string_view::npos && text.rfind(':') == colon) {
    host = text.substr(0, colon);
    port = text.substr(colon);
  }
  const auto address = parse_zoned(host);
  if (!address || kind_of(*address) == AddressKind::unspecified || kind_of(*address) == AddressKind::multicast)
    return odd;
  const IpAddress server = canonical(*address);
  if (port.empty()) return format_address(server);
  const auto ports = parse_ports(port.substr(1));
  if (!ports || ports->size() != 1) return odd;
  return format_socket(server, ports->ranges().front().first);
}

}  // namespace audit::inventory

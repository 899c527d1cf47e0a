#include <fmt/format.h>

#include <vector>

#include "base/text.hpp"
#include "inventory/addresses.hpp"

namespace audit::inventory {
namespace {

constexpr std::size_t longest_shown = 80;

bool only(std::string_view text, std::string_view set) {
  return !text.empty() && text.find_first_not_of(set) == std::string_view::npos;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string without_leading_zeros(std::string_view number) {
  number.remove_prefix(std::min(number.find_first_not_of('0'), number.size() - 1));
  return std::string(number);
}

/// Of digits and dots that are no IPv4 address.
std::string why_no_ipv4(std::string_view text) {
  const std::string shown = visible(text, longest_shown);
  const auto numbers = split(text, '.');
  if (numbers.size() != 4)
    return fmt::format("{} has {}, an IPv4 address has 4; a network is written as 10.0.0.0/24", shown,
                       counted(numbers.size(), "number"));
  std::string plain;
  bool zeros = false;
  for (const std::string_view number : numbers) {
    if (number.empty()) return fmt::format("{} lacks a number between two dots", shown);
    const std::string value = without_leading_zeros(number);
    if (value.size() > 3 || (value.size() == 3 && value > "255"))
      return fmt::format("{} is not an IPv4 address: {} is above 255", shown, visible(number, longest_shown));
    zeros = zeros || value != number;
    plain += (plain.empty() ? "" : ".") + value;
  }
  if (zeros) return fmt::format("{} has leading zeros, which some systems read as octal; write {}", shown, plain);
  return fmt::format("{} is not an IPv4 address", shown);
}

std::string why_no_zone(std::string_view text, std::size_t percent) {
  const std::string_view zone = text.substr(percent + 1);
  if (!parse_address(text.substr(0, percent))) return why_no_address(text.substr(0, percent));
  if (zone.empty()) return fmt::format("{} lacks the interface after its %", visible(text, longest_shown));
  return fmt::format("{}: this machine has no interface {}; `ip link` lists those it has", visible(text, longest_shown),
                     visible(zone, longest_shown));
}

}  // namespace

std::string why_no_address(std::string_view text) {
  const std::string shown = visible(text, longest_shown);
  if (text.empty()) return "there is no address here; write an address, CIDR, range or name";
  if (const std::size_t scheme = text.find("://"); scheme != std::string_view::npos) {
    const std::string_view rest = text.substr(scheme + 3);
    return fmt::format("{} is a URL; write its host alone: {}", shown,
                       visible(rest.substr(0, rest.find_first_of("/:?#")), longest_shown));
  }
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    return fmt::format("{}: write the address without brackets or port: {}", shown,
                       visible(text.substr(1, close == std::string_view::npos ? close : close - 1), longest_shown));
  }
  if (const std::size_t percent = text.find('%'); percent != std::string_view::npos) return why_no_zone(text, percent);
  if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
    if (text.rfind(':') == colon && only(text.substr(colon + 1), "0123456789"))
      return fmt::format("{} has a port, and rules say themselves which ports they ask; write {}", shown,
                         visible(text.substr(0, colon), longest_shown));
    return fmt::format("{} is not an IPv6 address; one looks like 2001:db8::1", shown);
  }
  if (only(text, "0123456789.")) return why_no_ipv4(text);
  if (only(text, "0123456789.-")) {
    const std::string_view first = text.substr(0, text.find('-'));
    if (split(first, '.').size() == 4 && !parse_address(first)) return why_no_ipv4(first);
    return fmt::format("{} is not a range; one runs from a first to a last address: 10.0.0.1-10.0.3.255", shown);
  }
  return fmt::format("{} is not an address; one looks like 10.0.0.1 or 2001:db8::1, a network like 10.0.0.0/24", shown);
}

}  // namespace audit::inventory

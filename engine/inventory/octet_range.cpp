#include "inventory/octet_range.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "base/text.hpp"
#include "inventory/notation.hpp"

namespace audit::inventory {
namespace {

constexpr std::size_t longest_octets = 31;  // 255-255 four times, and dots
constexpr std::size_t longest_shown = 80;

struct Octets {
  unsigned first = 0;
  unsigned last = 0;
};

std::optional<unsigned> octet_of(std::string_view text) {
  unsigned number = 0;
  const auto [rest, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || rest != text.data() + text.size() || number > 255) return std::nullopt;
  return text.size() > 1 && text.front() == '0' ? std::nullopt : std::optional(number);
}

Complaint odd(std::string_view text, std::string_view part) {
  return {fmt::format("{}: \"{}\" is not a number from 0 to 255, or two of them such as 1-254",
                      visible(text, longest_shown), visible(part, longest_shown))};
}

Parsed<Octets> read_part(std::string_view text, std::string_view part) {
  const std::size_t dash = part.find('-');
  const auto first = octet_of(part.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : octet_of(part.substr(dash + 1));
  if (!first || !last) return odd(text, part);
  if (*last < *first)
    return Complaint{
        fmt::format("{}: {} runs backwards; write {}-{}", visible(text, longest_shown), part, *last, *first)};
  return Octets{*first, *last};
}

IpAddress address_of(const std::array<unsigned, 4>& octets) {
  IpAddress address;
  address.family = Family::v4;
  for (std::size_t i = 0; i < octets.size(); ++i) address.bytes[i] = static_cast<std::uint8_t>(octets[i]);
  return address;
}

}  // namespace

bool meant_as_octets(std::string_view text) {
  if (text.size() > longest_octets || text.find_first_not_of("0123456789.-") != std::string_view::npos) return false;
  std::size_t dots = 0;
  bool range = false;
  for (const char c : text) {
    dots += c == '.' ? 1U : 0U;
    range = range || (c == '-' && dots < 3);
  }
  return dots == 3 && range;
}

Parsed<std::vector<AddressBlock>> parse_octets(std::string_view text) {
  std::array<Octets, 4> parts;
  std::string_view rest = text;
  for (Octets& part : parts) {
    const std::size_t end = std::min(rest.find('.'), rest.size());
    auto read = read_part(text, rest.substr(0, end));
    if (const auto* complaint = std::get_if<Complaint>(&read)) return *complaint;
    part = std::get<Octets>(read);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  std::size_t whole_from = parts.size();  // octets from here on take every value
  while (whole_from > 1 && parts[whole_from - 1].first == 0 && parts[whole_from - 1].last == 255) --whole_from;
  const std::size_t last_cut = whole_from - 1;
  std::uint64_t blocks = 1;
  std::uint64_t addresses = 1;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    addresses *= parts[i].last - parts[i].first + 1;
    if (i < last_cut) blocks *= parts[i].last - parts[i].first + 1;
  }
  if (addresses > largest_block || blocks > most_octet_blocks)
    return Complaint{
        fmt::format("{} covers {} addresses in {}, and a target at most {} in {}; write smaller ranges, or CIDRs",
                    visible(text, longest_shown), addresses, counted(blocks, "run"), largest_block, most_octet_blocks)};

  std::vector<AddressBlock> found;
  found.reserve(blocks);
  std::array<unsigned, 4> low{};
  std::array<unsigned, 4> high{};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    low[i] = parts[i].first;
    high[i] = i < last_cut ? parts[i].first : parts[i].last;
  }
  while (true) {
    found.push_back({address_of(low), address_of(high)});
    std::size_t i = last_cut;
    while (i > 0 && low[i - 1] == parts[i - 1].last) {
      --i;
      low[i] = high[i] = parts[i].first;
    }
    if (i == 0) return found;
    high[i - 1] = ++low[i - 1];
  }
}

}  // namespace audit::inventory

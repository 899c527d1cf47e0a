#include "proto/icmp_error.hpp"

#include <fmt/format.h>

#include <array>

namespace audit::proto {
namespace {

struct Row {
  std::uint8_t type;
  std::uint8_t code;
  IcmpMeaning meaning;
  std::string_view words;
};

constexpr std::array<Row, 20> v4{{
    {3, 0, IcmpMeaning::host, "network unreachable"},
    {3, 1, IcmpMeaning::host, "host unreachable"},
    {3, 2, IcmpMeaning::prohibited, "protocol unreachable"},
    {3, 3, IcmpMeaning::port, "port unreachable"},
    {3, 4, IcmpMeaning::too_big, "fragmentation needed"},
    {3, 5, IcmpMeaning::host, "source route failed"},
    {3, 6, IcmpMeaning::host, "network unknown"},
    {3, 7, IcmpMeaning::host, "host unknown"},
    {3, 8, IcmpMeaning::host, "source host isolated"},
    {3, 9, IcmpMeaning::prohibited, "network administratively prohibited"},
    {3, 10, IcmpMeaning::prohibited, "host administratively prohibited"},
    {3, 11, IcmpMeaning::host, "network unreachable for this type of service"},
    {3, 12, IcmpMeaning::host, "host unreachable for this type of service"},
    {3, 13, IcmpMeaning::prohibited, "communication administratively prohibited"},
    {3, 14, IcmpMeaning::prohibited, "host precedence violation"},
    {3, 15, IcmpMeaning::prohibited, "precedence cutoff in effect"},
    {11, 0, IcmpMeaning::host, "time to live exceeded on the way"},
    {11, 1, IcmpMeaning::other, "fragments were not reassembled in time"},
    {12, 0, IcmpMeaning::other, "malformed header"},
    {12, 1, IcmpMeaning::other, "required option missing"},
}};

constexpr std::array<Row, 13> v6{{
    {1, 0, IcmpMeaning::host, "no route to destination"},
    {1, 1, IcmpMeaning::prohibited, "communication administratively prohibited"},
    {1, 2, IcmpMeaning::host, "beyond the scope of the source address"},
    {1, 3, IcmpMeaning::host, "address unreachable"},
    {1, 4, IcmpMeaning::port, "port unreachable"},
    {1, 5, IcmpMeaning::prohibited, "source address failed ingress or egress policy"},
    {1, 6, IcmpMeaning::prohibited, "route to destination rejected"},
    {2, 0, IcmpMeaning::too_big, "packet too big"},
    {3, 0, IcmpMeaning::host, "hop limit exceeded on the way"},
    {3, 1, IcmpMeaning::other, "fragments were not reassembled in time"},
    {4, 0, IcmpMeaning::other, "erroneous header field"},
    {4, 1, IcmpMeaning::prohibited, "next header not recognised"},
    {4, 2, IcmpMeaning::other, "option not recognised"},
}};

template <std::size_t N>
const Row* find(const std::array<Row, N>& rows, std::uint8_t type, std::uint8_t code) noexcept {
  for (const Row& row : rows)
    if (row.type == type && row.code == code) return &row;
  return nullptr;
}

const Row* find(Family family, std::uint8_t type, std::uint8_t code) noexcept {
  return family == Family::v4 ? find(v4, type, code) : find(v6, type, code);
}

}  // namespace

IcmpMeaning meaning_of_icmp(Family family, std::uint8_t type, std::uint8_t code) noexcept {
  const Row* row = find(family, type, code);
  return row == nullptr ? IcmpMeaning::other : row->meaning;
}

std::string describe_icmp(Family family, std::uint8_t type, std::uint8_t code) {
  const Row* row = find(family, type, code);
  return row == nullptr ? fmt::format("type {} code {}", type, code) : std::string(row->words);
}

}  // namespace audit::proto

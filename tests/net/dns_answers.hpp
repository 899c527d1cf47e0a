#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "playing.hpp"
#include "proto/wire.hpp"

namespace audit::test {

/// The name that a query asks for, with dots: "host.example.".
inline std::string asked_name(std::string_view query) {
  std::string name;
  for (std::size_t at = 12; at < query.size() && query[at] != 0; at += static_cast<unsigned char>(query[at]) + 1U)
    name += std::string(query.substr(at + 1, static_cast<unsigned char>(query[at]))) + ".";
  return name;
}

inline int asked_type(std::string_view query) {
  const std::size_t at = 12 + asked_name(query).size() + 1;
  return static_cast<unsigned char>(query[at]) * 256 + static_cast<unsigned char>(query[at + 1]);
}

/// An answer to `query`, with these addresses of the type that was asked for. `flags` are the lower 16 bits of the header's
/// second word: 0x8180 is an answer, | 3 NXDOMAIN, | 2 SERVFAIL, | 0x200 truncated.
inline std::string dns_answer(std::string_view query, const std::vector<std::string>& addresses,
                              std::uint16_t flags = 0x8180) {
  std::vector<IpAddress> fitting;
  for (const std::string& text : addresses)
    if ((ip(text).family == Family::v4 ? 1 : 28) == asked_type(query)) fitting.push_back(ip(text));
  std::string message(query.substr(0, 2));
  for (const std::size_t number : {std::size_t{flags}, std::size_t{1}, fitting.size(), std::size_t{0}, std::size_t{0}})
    proto::put16(message, static_cast<std::uint16_t>(number));
  message += query.substr(12, asked_name(query).size() + 1 + 4);
  for (const IpAddress& address : fitting) {
    message += std::string("\xc0\x0c", 2);
    const std::size_t size = address.width() / 8;
    for (const std::size_t number :
         {static_cast<std::size_t>(asked_type(query)), std::size_t{1}, std::size_t{0}, std::size_t{300}, size})
      proto::put16(message, static_cast<std::uint16_t>(number));
    for (std::size_t i = 0; i < size; ++i) message += static_cast<char>(address.bytes[i]);
  }
  return message;
}

}  // namespace audit::test

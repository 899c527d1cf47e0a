#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace audit::proto {

// Big-endian numbers in a string of bytes. The caller has checked that they are there.

[[nodiscard]] inline std::uint8_t get8(std::string_view bytes, std::size_t at) noexcept {
  return static_cast<std::uint8_t>(bytes[at]);
}

[[nodiscard]] inline std::uint16_t get16(std::string_view bytes, std::size_t at) noexcept {
  return static_cast<std::uint16_t>(get8(bytes, at) << 8 | get8(bytes, at + 1));
}

[[nodiscard]] inline std::uint32_t get32(std::string_view bytes, std::size_t at) noexcept {
  return static_cast<std::uint32_t>(get16(bytes, at)) << 16 | get16(bytes, at + 2);
}

inline void put16(std::string& bytes, std::uint16_t number) {
  bytes += static_cast<char>(number >> 8);
  bytes += static_cast<char>(number & 0xff);
}

}  // namespace audit::proto

#pragma once

#include <cstddef>
#include <string_view>

namespace audit::proto {

// Hex and base64 (RFC 4648), into memory that the caller brings: nothing is allocated and nothing is thrown.

/// What a decoder made of its text: how many bytes it wrote, or what is wrong and at which offset of the text.
struct Decoded {
  std::size_t size = 0;
  const char* mistake = nullptr;  // null where there is none
  std::size_t offset = 0;
};

[[nodiscard]] constexpr std::size_t hex_size(std::size_t bytes) noexcept { return bytes * 2; }
[[nodiscard]] constexpr std::size_t base64_size(std::size_t bytes) noexcept { return (bytes + 2) / 3 * 4; }

/// Lower case; `out` holds hex_size(bytes.size()).
void write_hex(std::string_view bytes, char* out) noexcept;
/// Either case, nothing between the digits; `out` holds half of the text's size.
[[nodiscard]] Decoded read_hex(std::string_view text, char* out) noexcept;

/// The standard alphabet, padded (RFC 4648 section 4); `out` holds base64_size(bytes.size()).
void write_base64(std::string_view bytes, char* out) noexcept;
/// Strict: the standard alphabet, padded, no white space, no bits set behind the last byte (section 3.5). `out` holds three
/// quarters of the text's size.
[[nodiscard]] Decoded read_base64(std::string_view text, char* out) noexcept;

}  // namespace audit::proto

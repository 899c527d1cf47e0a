#include "proto/encoding.hpp"

#include <cstdint>

#include "proto/wire.hpp"

namespace audit::proto {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view base64_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint32_t no_digit = 64;

std::uint32_t hex_value(char digit) noexcept {
  if (digit >= '0' && digit <= '9') return static_cast<std::uint32_t>(digit - '0');
  const char lower = static_cast<char>(digit | 0x20);
  return lower >= 'a' && lower <= 'f' ? static_cast<std::uint32_t>(lower - 'a' + 10) : no_digit;
}

std::uint32_t base64_value(char digit) noexcept {
  if (digit >= 'A' && digit <= 'Z') return static_cast<std::uint32_t>(digit - 'A');
  if (digit >= 'a' && digit <= 'z') return static_cast<std::uint32_t>(digit - 'a' + 26);
  if (digit >= '0' && digit <= '9') return static_cast<std::uint32_t>(digit - '0' + 52);
  if (digit == '+') return 62;
  return digit == '/' ? 63 : no_digit;
}

char low_byte(std::uint32_t number) noexcept { return static_cast<char>(number & 0xff); }

}  // namespace

void write_hex(std::string_view bytes, char* out) noexcept {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    *out++ = hex_digits[get8(bytes, i) >> 4];
    *out++ = hex_digits[get8(bytes, i) & 15];
  }
}

Decoded read_hex(std::string_view text, char* out) noexcept {
  for (std::size_t i = 0; i < text.size(); ++i)
    if (hex_value(text[i]) == no_digit) return {0, "not a hex digit", i};
  if (text.size() % 2 != 0) return {0, "an odd number of hex digits", text.size()};
  for (std::size_t i = 0; i < text.size(); i += 2) *out++ = low_byte(hex_value(text[i]) << 4 | hex_value(text[i + 1]));
  return {text.size() / 2, nullptr, 0};
}

void write_base64(std::string_view bytes, char* out) noexcept {
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = bytes.size() - i;
    std::uint32_t group = static_cast<std::uint32_t>(get8(bytes, i)) << 16;
    if (left > 1) group |= static_cast<std::uint32_t>(get8(bytes, i + 1)) << 8;
    if (left > 2) group |= get8(bytes, i + 2);
    *out++ = base64_digits[group >> 18];
    *out++ = base64_digits[group >> 12 & 63];
    *out++ = left > 1 ? base64_digits[group >> 6 & 63] : '=';
    *out++ = left > 2 ? base64_digits[group & 63] : '=';
  }
}

Decoded read_base64(std::string_view text, char* out) noexcept {
  std::size_t digits = text.size();
  while (digits > 0 && text.size() - digits < 2 && text[digits - 1] == '=') --digits;
  for (std::size_t i = 0; i < digits; ++i)
    if (base64_value(text[i]) == no_digit) return {0, "not a base64 digit", i};
  if (text.size() % 4 != 0) return {0, "not a multiple of four digits; `=` pads the end", text.size()};
  char* const begin = out;
  for (std::size_t i = 0; i < digits; i += 4) {
    const std::size_t here = digits - i < 4 ? digits - i : 4;  // 2 to 4
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 4; ++k) group = group << 6 | (k < here ? base64_value(text[i + k]) : 0);
    *out++ = low_byte(group >> 16);
    if (here > 2) *out++ = low_byte(group >> 8);
    if (here > 3) *out++ = low_byte(group);
    const std::uint32_t behind = here == 2 ? group & 0xffff : here == 3 ? group & 0xff : 0;
    if (behind != 0) return {0, "bits are set behind the last byte", i + here - 1};
  }
  return {static_cast<std::size_t>(out - begin), nullptr, 0};
}

}  // namespace audit::proto

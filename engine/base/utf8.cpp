#include "base/utf8.hpp"

#include <algorithm>
#include <array>

namespace audit {
namespace {

struct Span {
  std::uint32_t first;
  std::uint32_t last;
};

template <std::size_t N>
bool within(const std::array<Span, N>& spans, std::uint32_t code) noexcept {
  return std::any_of(spans.begin(), spans.end(), [code](Span span) { return code >= span.first && code <= span.last; });
}

constexpr std::array<Span, 23> unprintable{
    {{0x00, 0x1f},     {0x7f, 0x9f},     {0xad, 0xad},     {0x34f, 0x34f},     {0x600, 0x605},     {0x61c, 0x61c},
     {0x6dd, 0x6dd},   {0x70f, 0x70f},   {0x115f, 0x1160}, {0x17b4, 0x17b5},   {0x180b, 0x180f},   {0x200b, 0x200f},
     {0x2028, 0x202e}, {0x2060, 0x206f}, {0x3164, 0x3164}, {0xd800, 0xf8ff},   {0xfdd0, 0xfdef},   {0xfe00, 0xfe0f},
     {0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xfff0, 0xfffb}, {0x1d173, 0x1d17a}, {0xe0000, 0x10ffff}}};
constexpr std::array<Span, 8> blank{{{0x20, 0x20},
                                     {0xa0, 0xa0},
                                     {0x1680, 0x1680},
                                     {0x2000, 0x200a},
                                     {0x202f, 0x202f},
                                     {0x205f, 0x205f},
                                     {0x2800, 0x2800},
                                     {0x3000, 0x3000}}};
constexpr std::array<Span, 5> combining{
    {{0x300, 0x36f}, {0x483, 0x489}, {0x1ab0, 0x1aff}, {0x20d0, 0x20ff}, {0xfe20, 0xfe2f}}};
constexpr std::array<Span, 11> wide{{{0x1100, 0x115f},
                                     {0x2e80, 0x303e},
                                     {0x3041, 0x33ff},
                                     {0x3400, 0x4dbf},
                                     {0x4e00, 0x9fff},
                                     {0xa000, 0xa4cf},
                                     {0xac00, 0xd7a3},
                                     {0xf900, 0xfaff},
                                     {0xff00, 0xff60},
                                     {0x1f300, 0x1faff},
                                     {0x20000, 0x3fffd}}};

}  // namespace

CodePoint decode_utf8(std::string_view bytes) noexcept {
  if (bytes.empty()) return {};
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])); };
  const std::uint32_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || bytes.size() < length) return {};
  std::uint32_t code = lead & (0xffU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return {};
    code = (code << 6U) | (byte(i) & 0x3fU);
  }
  constexpr std::array<std::uint32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  if (code < least[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return {};
  return {code, length};
}

void append_utf8(std::string& bytes, std::uint32_t code) {
  if (code < 0x80) {
    bytes += static_cast<char>(code);
  } else if (code < 0x800) {
    bytes += static_cast<char>(0xc0U | (code >> 6U));
    bytes += static_cast<char>(0x80U | (code & 0x3fU));
  } else if (code < 0x10000) {
    bytes += static_cast<char>(0xe0U | (code >> 12U));
    bytes += static_cast<char>(0x80U | ((code >> 6U) & 0x3fU));
    bytes += static_cast<char>(0x80U | (code & 0x3fU));
  } else {
    bytes += static_cast<char>(0xf0U | (code >> 18U));
    bytes += static_cast<char>(0x80U | ((code >> 12U) & 0x3fU));
    bytes += static_cast<char>(0x80U | ((code >> 6U) & 0x3fU));
    bytes += static_cast<char>(0x80U | (code & 0x3fU));
  }
}

bool is_printable(std::uint32_t code) noexcept {
  constexpr std::uint32_t last_two = 0xfffe;  // of each plane: noncharacters, which no HTML or XML may hold
  return (code & last_two) != last_two && !within(unprintable, code);
}

bool has_visible(std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const CodePoint point = decode_utf8(bytes);
    if (point.length != 0 && is_printable(point.code) && width_of(point.code) > 0 && !within(blank, point.code))
      return true;
    bytes.remove_prefix(std::max<std::size_t>(point.length, 1));
  }
  return false;
}

std::size_t width_of(std::uint32_t code) noexcept {
  if (within(combining, code)) return 0;
  return within(wide, code) ? 2 : 1;
}

}  // namespace audit

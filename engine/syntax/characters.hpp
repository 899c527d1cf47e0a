#pragma once

namespace audit::syntax {

// ASCII, whatever the locale; an argument of -1 (the end of the text) is none of them.

constexpr bool is_digit(int c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_letter(int c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
constexpr bool is_line_end(int c) noexcept { return c == '\n' || c == '\r'; }
constexpr bool is_blank(int c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }

/// 0 to 15, or -1.
constexpr int hex_value(int c) noexcept {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace audit::syntax

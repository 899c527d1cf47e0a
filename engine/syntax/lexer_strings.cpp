#include "syntax/characters.hpp"
#include "syntax/lexer.hpp"

// Strings in quotes, and their escapes (reference manual section 3.1).

namespace audit::syntax {
namespace {

/// UTF-8 as Lua has it: up to six bytes, 31 bits (RFC 2279), surrogates too.
void append_utf8(std::string& text, std::uint32_t code) {
  if (code < 0x80) {
    text.push_back(static_cast<char>(code));
    return;
  }
  char bytes[6];
  std::size_t count = 0;
  std::uint32_t first_byte_holds = 0x3f;
  do {
    bytes[count++] = static_cast<char>(0x80 | (code & 0x3f));
    code >>= 6;
    first_byte_holds >>= 1;
  } while (code > first_byte_holds);
  bytes[count++] = static_cast<char>((~first_byte_holds << 1) | code);
  while (count > 0) text.push_back(bytes[--count]);
}

char simple_escape(int c) noexcept {
  switch (c) {
    case 'a': return '\a';
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'v': return '\v';
    case '\\':
    case '"':
    case '\'': return static_cast<char>(c);
    default: return 0;
  }
}

}  // namespace

void Lexer::read_string(Token& token) {
  token.mark = Mark::string;
  const int quote = look();
  take();
  while (look() != quote) {
    const int c = look();
    if (c == none || is_line_end(c)) {
      fail(token.at, "this string has no end on its line");
      return;
    }
    take();
    if (c == '\\') {
      read_escape(token.text);
    } else {
      token.text.push_back(static_cast<char>(c));
    }
    if (error_) return;
  }
  take();
}

void Lexer::read_escape(std::string& text) {
  const int c = look();
  if (const char meant = simple_escape(c); meant != 0) {
    text.push_back(meant);
    take();
  } else if (is_line_end(c)) {
    skip_line_end();
    text.push_back('\n');
  } else if (c == 'z') {
    take();
    while (is_blank(look())) is_line_end(look()) ? skip_line_end() : take();
  } else if (c == 'x') {
    read_hex_escape(text);
  } else if (c == 'u') {
    read_unicode_escape(text);
  } else if (is_digit(c)) {
    read_decimal_escape(text);
  } else {
    fail(here(), "no escape begins like this; a backslash is written \\\\");
  }
}

void Lexer::read_hex_escape(std::string& text) {
  const Position at = here();
  const int high = hex_value(look(1));
  const int low = high < 0 ? -1 : hex_value(look(2));
  if (low < 0) {
    fail(at, "\\x is followed by two hexadecimal digits");
    return;
  }
  text.push_back(static_cast<char>(high * 16 + low));
  at_ += 3;
}

void Lexer::read_unicode_escape(std::string& text) {
  const Position at = here();
  take();
  std::uint32_t code = 0;
  bool fits = take_if('{') && hex_value(look()) >= 0;
  while (fits && hex_value(look()) >= 0) {
    fits = code <= 0x7fffffffU >> 4U;
    code = code * 16 + static_cast<std::uint32_t>(hex_value(look()));
    take();
  }
  if (!fits || !take_if('}')) {
    fail(at, "\\u is followed by a number of up to 7FFFFFFF in braces, as in \\u{20AC}");
    return;
  }
  append_utf8(text, code);
}

void Lexer::read_decimal_escape(std::string& text) {
  const Position at = here();
  int code = 0;
  for (int i = 0; i < 3 && is_digit(look()); ++i) {
    code = code * 10 + (look() - '0');
    take();
  }
  if (code > 255) {
    fail(at, "a byte in decimal is at most 255");
    return;
  }
  text.push_back(static_cast<char>(code));
}

}  // namespace audit::syntax

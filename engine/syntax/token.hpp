#pragma once

#include <cstdint>
#include <string>

namespace audit::syntax {

/// Where something begins: lines and columns from 1, a column is a byte.
struct Position {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  friend auto operator<=>(const Position&, const Position&) = default;
};

enum class Mark : std::uint8_t {
  end_of_text,
  name,
  string,
  number,
  // Words (reference manual section 3.1), in the order of `words` in lexer.cpp.
  word_and,
  word_break,
  word_do,
  word_else,
  word_elseif,
  word_end,
  word_false,
  word_for,
  word_function,
  word_goto,
  word_if,
  word_in,
  word_local,
  word_nil,
  word_not,
  word_or,
  word_repeat,
  word_return,
  word_then,
  word_true,
  word_until,
  word_while,
  // Other marks.
  plus,
  minus,
  star,
  slash,
  double_slash,
  percent,
  caret,
  hash,
  ampersand,
  tilde,
  bar,
  shift_left,
  shift_right,
  equal,
  not_equal,
  less_equal,
  greater_equal,
  less,
  greater,
  assign,
  left_parenthesis,
  right_parenthesis,
  left_brace,
  right_brace,
  left_bracket,
  right_bracket,
  double_colon,
  semicolon,
  colon,
  comma,
  dot,
  concat,
  ellipsis,
};

struct Token {
  Mark mark = Mark::end_of_text;
  Position at;
  std::string text;  // of a name or a number as written, of a string its bytes
};

/// Why a text is no Lua.
struct SyntaxError {
  Position at;
  std::string what;
};

}  // namespace audit::syntax

#include "syntax/lexer.hpp"

#include <algorithm>
#include <array>

#include "syntax/characters.hpp"
#include "syntax/numeral.hpp"

namespace audit::syntax {
namespace {

constexpr std::array<std::string_view, 22> words{"and",      "break",  "do",   "else", "elseif", "end",  "false", "for",
                                                 "function", "goto",   "if",   "in",   "local",  "nil",  "not",   "or",
                                                 "repeat",   "return", "then", "true", "until",  "while"};

struct Spelling {
  std::string_view text;
  Mark mark;
};

// The longest first, so that the first that fits is the one.
constexpr std::array<Spelling, 33> spellings{{{"...", Mark::ellipsis},
                                              {"..", Mark::concat},
                                              {"//", Mark::double_slash},
                                              {"<<", Mark::shift_left},
                                              {">>", Mark::shift_right},
                                              {"==", Mark::equal},
                                              {"~=", Mark::not_equal},
                                              {"<=", Mark::less_equal},
                                              {">=", Mark::greater_equal},
                                              {"::", Mark::double_colon},
                                              {"+", Mark::plus},
                                              {"-", Mark::minus},
                                              {"*", Mark::star},
                                              {"/", Mark::slash},
                                              {"%", Mark::percent},
                                              {"^", Mark::caret},
                                              {"#", Mark::hash},
                                              {"&", Mark::ampersand},
                                              {"~", Mark::tilde},
                                              {"|", Mark::bar},
                                              {"<", Mark::less},
                                              {">", Mark::greater},
                                              {"=", Mark::assign},
                                              {"(", Mark::left_parenthesis},
                                              {")", Mark::right_parenthesis},
                                              {"{", Mark::left_brace},
                                              {"}", Mark::right_brace},
                                              {"[", Mark::left_bracket},
                                              {"]", Mark::right_bracket},
                                              {";", Mark::semicolon},
                                              {":", Mark::colon},
                                              {",", Mark::comma},
                                              {".", Mark::dot}}};

}  // namespace

bool Lexer::take_if(char wanted) noexcept {
  if (look() != static_cast<unsigned char>(wanted)) return false;
  take();
  return true;
}

Position Lexer::here() const noexcept { return {line_, static_cast<std::uint32_t>(at_ - line_begin_ + 1)}; }

void Lexer::fail(Position at, std::string what) {
  if (!error_) error_ = SyntaxError{at, std::move(what)};
  at_ = text_.size();
}

Token Lexer::next() {
  skip_blanks();
  Token token;
  token.at = here();
  const int c = look();
  if (c == none) return token;
  if (is_letter(c)) {
    read_name(token);
  } else if (is_digit(c) || (c == '.' && is_digit(look(1)))) {
    read_number(token);
  } else if (c == '"' || c == '\'') {
    read_string(token);
  } else if (const std::size_t bracket = long_bracket(); bracket != 0) {
    token.mark = Mark::string;
    read_long(bracket, &token.text, "long string");
  } else {
    read_mark(token);
  }
  if (error_) token.mark = Mark::end_of_text;
  return token;
}

void Lexer::skip_blanks() {
  while (true) {
    const int c = look();
    if (is_line_end(c)) {
      skip_line_end();
    } else if (is_blank(c)) {
      take();
    } else if (c == '-' && look(1) == '-') {
      skip_comment();
    } else {
      return;
    }
  }
}

void Lexer::skip_line_end() noexcept {
  const int first = look();
  take();
  if (is_line_end(look()) && look() != first) take();
  ++line_;
  line_begin_ = at_;
}

void Lexer::skip_comment() {
  at_ += 2;
  if (const std::size_t bracket = long_bracket(); bracket != 0) {
    read_long(bracket, nullptr, "long comment");
    return;
  }
  while (look() != none && !is_line_end(look())) take();
}

std::size_t Lexer::long_bracket() const noexcept {
  if (look() != '[') return 0;
  std::size_t length = 1;
  while (look(length) == '=') ++length;
  return look(length) == '[' ? length + 1 : 0;
}

void Lexer::read_long(std::size_t bracket, std::string* text, const char* what) {
  const Position begin = here();
  at_ += bracket;
  if (is_line_end(look())) skip_line_end();  // the first is not part of it
  while (true) {
    const int c = look();
    if (c == none) {
      fail(begin, std::string("this ") + what + " has no end");
      return;
    }
    if (c == ']') {
      std::size_t length = 1;
      while (look(length) == '=') ++length;
      if (look(length) == ']' && length + 1 == bracket) {
        at_ += bracket;
        return;
      }
    }
    if (is_line_end(c)) {
      skip_line_end();
      if (text != nullptr) text->push_back('\n');
    } else {
      if (text != nullptr) text->push_back(static_cast<char>(c));
      take();
    }
  }
}

void Lexer::read_name(Token& token) {
  const std::size_t begin = at_;
  while (is_letter(look()) || is_digit(look())) take();
  token.text = text_.substr(begin, at_ - begin);
  const auto word = std::lower_bound(words.begin(), words.end(), token.text);
  token.mark = word != words.end() && *word == token.text
                   ? static_cast<Mark>(static_cast<int>(Mark::word_and) + (word - words.begin()))
                   : Mark::name;
}

/// Takes whatever looks like part of a number, as Lua does, so that "3x" is one bad number and not two tokens.
void Lexer::read_number(Token& token) {
  const std::size_t begin = at_;
  const bool hexadecimal = look() == '0' && (look(1) == 'x' || look(1) == 'X');
  if (hexadecimal) at_ += 2;
  const char exponent = hexadecimal ? 'p' : 'e';
  while (true) {
    const int c = look();
    if (c == exponent || c == exponent - ('a' - 'A')) {
      take();
      if (look() == '+' || look() == '-') take();
    } else if (hex_value(c) >= 0 || c == '.') {
      take();
    } else {
      break;
    }
  }
  if (is_letter(look())) take();
  token.mark = Mark::number;
  token.text = text_.substr(begin, at_ - begin);
  if (!is_numeral(token.text)) fail(token.at, "malformed number `" + token.text + "`");
}

void Lexer::read_mark(Token& token) {
  const std::string_view rest = text_.substr(at_);
  const bool bad_bracket = rest.starts_with("[=");
  for (const Spelling& spelling : spellings) {
    if (bad_bracket || !rest.starts_with(spelling.text)) continue;
    token.mark = spelling.mark;
    token.text = spelling.text;
    at_ += spelling.text.size();
    return;
  }
  fail(token.at, bad_bracket ? "`[=` begins a long string, and has no second `[`" : "no word of Lua begins like this");
}

}  // namespace audit::syntax

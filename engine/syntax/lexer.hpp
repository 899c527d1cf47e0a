#pragma once

#include <optional>
#include <string_view>

#include "syntax/token.hpp"

namespace audit::syntax {

/// Reads the tokens of a Lua 5.4 text (reference manual section 3.1), one at a time. Any bytes may be given; after an
/// error every token is the end of the text. The text outlives the lexer.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  [[nodiscard]] Token next();
  /// The first thing that is no token.
  [[nodiscard]] const std::optional<SyntaxError>& error() const noexcept { return error_; }

 private:
  static constexpr int none = -1;  // beyond the text

  [[nodiscard]] int look(std::size_t ahead = 0) const noexcept {
    return at_ + ahead < text_.size() ? static_cast<unsigned char>(text_[at_ + ahead]) : none;
  }
  void take() noexcept { ++at_; }
  [[nodiscard]] bool take_if(char wanted) noexcept;
  [[nodiscard]] Position here() const noexcept;
  void fail(Position at, std::string what);

  void skip_blanks();
  void skip_line_end() noexcept;  // CR, LF, CRLF or LFCR
  void skip_comment();
  /// How long the bracket `[==[` here is, 0 where there is none.
  [[nodiscard]] std::size_t long_bracket() const noexcept;
  void read_long(std::size_t bracket, std::string* text, const char* what);
  void read_name(Token& token);
  void read_number(Token& token);
  void read_string(Token& token);
  void read_escape(std::string& text);
  void read_hex_escape(std::string& text);
  void read_unicode_escape(std::string& text);
  void read_decimal_escape(std::string& text);
  void read_mark(Token& token);

  std::string_view text_;
  std::size_t at_ = 0;
  std::uint32_t line_ = 1;
  std::size_t line_begin_ = 0;
  std::optional<SyntaxError> error_;
};

}  // namespace audit::syntax

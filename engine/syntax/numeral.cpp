#include "syntax/numeral.hpp"

#include "syntax/characters.hpp"

namespace audit::syntax {
namespace {

/// Takes digits off the front; how many those were.
std::size_t take_digits(std::string_view& text, bool hexadecimal) noexcept {
  std::size_t count = 0;
  while (count < text.size() && (hexadecimal ? hex_value(text[count]) >= 0 : is_digit(text[count]))) ++count;
  text.remove_prefix(count);
  return count;
}

bool take_either(std::string_view& text, char one, char other) noexcept {
  if (text.empty() || (text.front() != one && text.front() != other)) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

bool is_numeral(std::string_view text) noexcept {
  const bool hexadecimal = text.starts_with("0x") || text.starts_with("0X");
  if (hexadecimal) text.remove_prefix(2);
  std::size_t digits = take_digits(text, hexadecimal);
  if (take_either(text, '.', '.')) digits += take_digits(text, hexadecimal);
  if (digits == 0) return false;
  const bool exponent = hexadecimal ? take_either(text, 'p', 'P') : take_either(text, 'e', 'E');
  if (exponent) {
    take_either(text, '+', '-');
    if (take_digits(text, false) == 0) return false;
  }
  return text.empty();
}

}  // namespace audit::syntax

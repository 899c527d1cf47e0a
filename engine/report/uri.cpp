#include "report/uri.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace audit::report {
namespace {

constexpr std::size_t longest_path = 4'096;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_hex(std::string_view digits) {
  return digits.size() == 2 && digits.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

void add(std::string& uri, char c, bool plain) {
  if (plain)
    uri += c;
  else
    uri += fmt::format("%{:02X}", static_cast<unsigned char>(c));
}

/// Does it begin with a scheme and its colon (RFC 3986, 3.1)?
bool has_scheme(std::string_view text) {
  const std::string_view scheme = text.substr(0, text.find(':'));
  return scheme.size() < text.size() && !scheme.empty() && is_letter(scheme.front()) &&
         std::all_of(scheme.begin(), scheme.end(),
                     [](char c) { return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.'; });
}

/// Where the address in brackets that a host may be ends (RFC 3986, 3.2.2); 0 where there is none.
std::size_t end_of_literal(std::string_view text) {
  const std::size_t begin = text.find("//");
  if (begin == std::string_view::npos) return 0;
  const std::size_t end = std::min(text.find_first_of("/?#", begin + 2), text.size());
  const std::size_t open = text.find('[', begin);
  const std::size_t close = text.find(']', begin);
  return open < close && close < end ? close + 1 : 0;
}

}  // namespace

std::string uri_of_path(std::string_view path) {
  constexpr std::string_view unreserved = "-._~/";
  std::string uri = path.starts_with('/') ? "file://" : "";
  while (path.starts_with("./")) path.remove_prefix(2);
  for (const char c : path.substr(0, longest_path))
    add(uri, c, is_letter(c) || is_digit(c) || unreserved.find(c) != std::string_view::npos);
  return uri;
}

std::string uri_of_reference(std::string_view text) {
  constexpr std::string_view allowed = "-._~:/?@!$&'()*+,;=";
  // Only a scheme may stand before a colon in the first segment (RFC 3986, 4.2).
  const bool colon = text.substr(0, text.find_first_of("/?#")).find(':') != std::string_view::npos;
  std::string uri = colon && !has_scheme(text) ? "./" : "";
  const std::size_t literal = end_of_literal(text);
  bool fragment = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    bool plain = is_letter(c) || is_digit(c) || allowed.find(c) != std::string_view::npos;
    plain = plain || (c == '%' && is_hex(text.substr(i + 1, 2))) || ((c == '[' || c == ']') && i < literal);
    if (c == '#' && !fragment) plain = fragment = true;
    add(uri, c, plain);
  }
  return uri;
}

}  // namespace audit::report

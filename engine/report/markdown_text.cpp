#include "report/markdown_text.hpp"

#include <algorithm>

#include "report/shown.hpp"

namespace audit::report {

std::string markdown(std::string_view bytes, std::size_t most) { return markdown_ready(shown(bytes, most)); }

std::string markdown_ready(std::string_view visible) {
  std::string text;
  for (const char c : visible) {
    if (c == '<') {
      text += "&lt;";
    } else if (c == '&') {
      text += "&amp;";
    } else {
      const bool begins_link = c == '.' && text.ends_with("www");  // GitHub's, by itself
      if (begins_link || std::string_view("\\`*_{}[]()#+!|~>@:").find(c) != std::string_view::npos) text += '\\';
      text += c;
    }
  }
  return text;
}

bool is_web_address(std::string_view reference) {
  constexpr std::string_view others = "-._~:/?#@!$&'*+,;=%";
  if (!reference.starts_with("https://") && !reference.starts_with("http://")) return false;
  return std::all_of(reference.begin(), reference.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           others.find(c) != std::string_view::npos;
  });
}

std::string markdown_link(std::string_view reference, std::size_t most) {
  if (!is_web_address(reference) || reference.size() > most) return markdown(reference, most);
  return '<' + std::string(reference) + '>';
}

}  // namespace audit::report

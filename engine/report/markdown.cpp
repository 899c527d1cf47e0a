#include "report/markdown.hpp"

#include "report/shown.hpp"

namespace audit::report {

std::string markdown_ready(std::string_view visible) {
  std::string text;
  for (const char c : visible) {
    if (c == '\n' || c == '\r') {
      text += ' ';
      continue;
    }
    if (c == '<') {
      text += "&lt;";
    } else if (c == '&') {
      text += "&amp;";
    } else {
      if (std::string_view("\\`*_{}[]()#+!|~>@:").find(c) != std::string_view::npos) text += '\\';
      text += c;
    }
  }
  return text;
}

std::string markdown(std::string_view bytes, std::size_t most) { return markdown_ready(shown(bytes, most)); }

}  // namespace audit::report

#include "report/layout.hpp"

#include <algorithm>
#include <array>
#include <ostream>

#include "base/text.hpp"
#include "base/utf8.hpp"

namespace audit::report {
namespace {

constexpr std::size_t narrowest_column = 20;

/// How many bytes of `text` fill at most `width` columns; at least one character.
std::size_t bytes_within(std::string_view text, std::size_t width) {
  std::size_t taken = 0;
  std::size_t filled = 0;
  while (taken < text.size()) {
    const CodePoint point = decode_utf8(text.substr(taken));
    const std::size_t length = std::max<std::size_t>(point.length, 1);
    filled += point.length == 0 ? 1 : width_of(point.code);
    if (filled > width && taken > 0) break;
    taken += length;
  }
  return taken;
}

/// Takes the next line of at most `width` columns off `text`: up to a blank where there is one.
std::string_view take_line(std::string_view& text, std::size_t width) {
  std::size_t end = bytes_within(text, width);
  std::size_t next = end;
  if (end < text.size() && text[end] != ' ') {
    const std::size_t blank = text.substr(0, end).rfind(' ');
    if (blank != std::string_view::npos && blank > 0) next = end = blank;
  }
  while (next < text.size() && text[next] == ' ') ++next;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(next);
  return line;
}

}  // namespace

std::string paint(const Style& style, Ink ink, std::string_view text) {
  constexpr std::array<std::string_view, 7> codes{"", "1", "2", "32", "33", "31", "1;31"};
  const std::string_view code = codes[static_cast<std::size_t>(ink)];
  if (!style.colour || code.empty() || text.empty()) return std::string(text);
  std::string painted = "\x1b[";
  painted.append(code).append("m").append(text).append("\x1b[0m");
  return painted;
}

std::string clip(std::string_view text, std::size_t width) {
  if (columns(text) <= width) return std::string(text);
  return std::string(text.substr(0, bytes_within(text, std::max<std::size_t>(width, 2) - 1))) + "…";
}

std::string pad(std::string_view text, std::size_t width) {
  const std::size_t taken = columns(text);
  return std::string(text) + std::string(taken < width ? width - taken : 0, ' ');
}

void paragraph(std::ostream& out, const Style& style, std::string_view first, std::string_view text, Ink ink,
               Ink first_ink) {
  const std::size_t indent = columns(first);
  const std::size_t width = std::max(style.width, indent + narrowest_column) - indent;
  out << paint(style, first_ink, first);
  do {
    out << paint(style, ink, take_line(text, width)) << '\n';
    if (!text.empty()) out << std::string(indent, ' ');
  } while (!text.empty());
}

void heading(std::ostream& out, const Style& style, std::string_view text) {
  out << '\n' << paint(style, Ink::strong, text) << '\n';
}

}  // namespace audit::report

#include <algorithm>
#include <array>
#include <charconv>

#include "base/utf8.hpp"
#include "proto/ascii.hpp"
#include "proto/http.hpp"

namespace audit::proto {
namespace {

constexpr std::size_t title_max = 200;
constexpr std::uint32_t replacement = 0xfffd;

struct Entity {
  std::string_view name;
  char character;
};

constexpr std::array<Entity, 5> entities{{{"amp;", '&'}, {"lt;", '<'}, {"gt;", '>'}, {"quot;", '"'}, {"apos;", '\''}}};

constexpr bool is_space(char c) noexcept { return is_blank(c) || c == '\n' || c == '\r' || c == '\f'; }

bool starts_with_tag(std::string_view html, std::string_view tag) {
  if (html.size() <= tag.size() || !same_text(html.substr(0, tag.size()), tag)) return false;
  const char next = html[tag.size()];
  return next == '>' || next == '/' || is_space(next);
}

/// The text between <title …> and </title; to the end of what there is where it is not closed.
std::string_view find_title(std::string_view html) {
  while (true) {
    const std::size_t open = html.find('<');
    if (open == std::string_view::npos) return {};
    html.remove_prefix(open);
    if (html.starts_with("<!--")) {
      const std::size_t close = html.find("-->", 2);
      if (close == std::string_view::npos) return {};
      html.remove_prefix(close + 3);
    } else if (starts_with_tag(html, "<title")) {
      const std::size_t close = html.find('>');
      return close == std::string_view::npos ? std::string_view() : html.substr(close + 1);
    } else {
      html.remove_prefix(1);
    }
  }
}

/// "&#8211;" and "&#x2013;" (HTML 13.2.5.80): what is no printable character becomes U+FFFD. 0 where it is no
/// reference.
std::size_t decode_number(std::string_view text, std::string& title) {
  const bool hex = text.size() > 2 && lower(text[2]) == 'x';
  const char* begin = text.data() + (hex ? 3 : 2);
  const char* end = text.data() + std::min<std::size_t>(text.size(), 16);
  std::uint32_t code = 0;
  if (begin >= end) return 0;
  const auto [rest, failed] = std::from_chars(begin, end, code, hex ? 16 : 10);
  if (rest == begin || rest == end || *rest != ';') return 0;
  if (code == ' ' || (code >= '\t' && code <= '\r')) code = ' ';
  if (failed != std::errc() || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) || !is_printable(code))
    code = replacement;
  append_utf8(title, code);
  return static_cast<std::size_t>(rest - text.data()) + 1;
}

/// How many bytes of `text`, which begins with '&', were a reference.
std::size_t decode_entity(std::string_view text, std::string& title) {
  if (text.size() > 1 && text[1] == '#') return decode_number(text, title);
  for (const Entity& entity : entities)
    if (text.substr(1, entity.name.size()) == entity.name) {
      title += entity.character;
      return 1 + entity.name.size();
    }
  return 0;
}

/// At most title_max bytes, and no part of a character at the end.
void cut(std::string& title) {
  if (title.size() <= title_max) return;
  std::size_t end = title_max;
  for (int back = 0; back < 3 && end > 0 && (static_cast<unsigned char>(title[end]) & 0xc0) == 0x80; ++back) --end;
  title.resize(end);
}

}  // namespace

std::string html_title(std::string_view body) {
  std::string_view rest = find_title(body);
  std::string title;
  while (!rest.empty() && title.size() <= title_max) {
    if (rest.front() == '<' && starts_with_tag(rest, "</title")) break;
    if (is_space(rest.front())) {
      if (!title.empty() && title.back() != ' ') title += ' ';
      rest.remove_prefix(1);
      continue;
    }
    const std::size_t reference = rest.front() == '&' ? decode_entity(rest, title) : 0;
    if (reference == 0) title += rest.front();
    rest.remove_prefix(reference == 0 ? 1 : reference);
  }
  cut(title);
  while (!title.empty() && title.back() == ' ') title.pop_back();
  return title;
}

}  // namespace audit::proto

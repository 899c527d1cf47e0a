#include "report/page.hpp"

#include <fmt/format.h>

#include <ostream>

#include "base/utf8.hpp"
#include "report/shown.hpp"

namespace audit::report {
namespace {

bool plain(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' '; }

}  // namespace

Text text(std::string_view bytes, std::size_t most) { return {shown(bytes, most)}; }
Text ready(std::string visible) { return {std::move(visible)}; }
Text number(std::uint64_t number) { return {grouped(number)}; }

std::string escape(std::string_view visible) {
  std::string escaped;
  escaped.reserve(visible.size() + visible.size() / 8);
  for (const char c : visible) {
    switch (c) {
      case '&': escaped += "&amp;"; break;
      case '<': escaped += "&lt;"; break;
      case '>': escaped += "&gt;"; break;
      case '"': escaped += "&quot;"; break;
      case '\'': escaped += "&#39;"; break;
      default: escaped += c;
    }
  }
  return escaped;
}

Text css_text(std::string_view bytes, std::size_t most) {
  const std::string visible = shown(bytes, most);
  std::string escaped;
  for (std::string_view rest = visible; !rest.empty();) {
    const CodePoint point = decode_utf8(rest);
    if (plain(rest.front()))
      escaped += rest.front();
    else
      escaped += fmt::format("\\{:06x} ", point.code);
    rest.remove_prefix(point.length);
  }
  return {std::move(escaped)};
}

Page& Page::operator<<(Markup markup) {
  out_ << markup.text;
  return *this;
}

Page& Page::operator<<(const Text& text) {
  out_ << escape(text.visible);
  return *this;
}

std::string Page::anchor(std::string_view fingerprint) {
  const std::string id = fmt::format("f-{}", fingerprint);
  std::string unique = id;
  for (int again = 2; !anchors_.insert(unique).second; ++again) unique = fmt::format("{}-{}", id, again);
  return unique;
}

bool Page::spend(std::size_t bytes) {
  if (bytes > evidence_left_) {
    evidence_left_ = 0;
    return false;
  }
  evidence_left_ -= bytes;
  return true;
}

}  // namespace audit::report

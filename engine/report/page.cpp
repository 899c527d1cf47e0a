#include "report/page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "report/shown.hpp"

namespace audit::report {
namespace {

/// FNV-1a over the parts and their lengths.
class Hash {
 public:
  void add(std::string_view part) {
    for (std::size_t length = part.size(); length > 0; length >>= 8U) mix(static_cast<unsigned char>(length));
    mix(0);
    for (const char c : part) mix(static_cast<unsigned char>(c));
  }
  [[nodiscard]] std::uint64_t value() const { return state_; }

 private:
  void mix(unsigned char byte) { state_ = (state_ ^ byte) * 0x100000001b3ULL; }
  std::uint64_t state_ = 0xcbf29ce484222325ULL;
};

bool plain(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.'; }

void add_slug(std::string& id, std::string_view part) {
  constexpr std::size_t longest = 48;
  if (part.empty()) return;
  id += '-';
  for (const char c : part.substr(0, longest))
    if (plain(c) || id.back() != '-') id += plain(c) ? c : '-';
}

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

Page& Page::operator<<(Markup markup) {
  out_ << markup.text;
  return *this;
}

Page& Page::operator<<(const Text& text) {
  out_ << escape(text.visible);
  return *this;
}

std::string Page::anchor(std::string_view rule, std::string_view target, std::string_view endpoint,
                         std::string_view key) {
  std::string id = "f";
  Hash hash;
  for (const std::string_view part : {rule, target, endpoint, key}) {
    add_slug(id, part);
    hash.add(part);
  }
  id += fmt::format("-{:08x}", hash.value() & 0xffffffffU);
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

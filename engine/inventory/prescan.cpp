#include "inventory/prescan.hpp"

#include <fmt/format.h>

#include "base/utf8.hpp"

namespace audit::inventory {
namespace {

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80; }

std::optional<std::size_t> first_foreign_byte(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (static_cast<unsigned char>(text[at]) < 0x80) {
      ++at;
      continue;
    }
    const CodePoint point = decode_utf8(text.substr(at));
    if (point.length == 0) return at;
    at += point.length;
  }
  return std::nullopt;
}

/// Walks the text token by token. At the first thing that TOML does not allow it may lose its way; toml++ goes no
/// further than that either.
class Scan {
 public:
  explicit Scan(std::string_view text) : text_(text) {}

  std::optional<Refusal> run() {
    while (at_ < text_.size() && !found_) step();
    if (!found_) end_line();
    return found_;
  }

 private:
  void step() {
    const char c = text_[at_];
    switch (c) {
      case '\n':
        end_line();
        ++at_;
        line_start_ = at_;
        ++line_;
        parts_ = 0;
        return;
      case '#': at_ = std::min(text_.find('\n', at_), text_.size()); return;
      case '"':
      case '\'': skip_string(c); return;
      case '.':
        if (parts_ == 0 && ++dotted_ > most_dotted)
          refuse(
              fmt::format("there are more than {} dotted keys up to here; write tables in braces instead, such as "
                          "limits = {{ gap = \"1s\" }}",
                          most_dotted));
        if (++parts_ >= deepest_nesting) refuse(fmt::format("this key has more than {} parts", deepest_nesting));
        break;
      case '[':
      case '{':
        if (++brackets_ > deepest_nesting)
          refuse(fmt::format("brackets are nested more than {} deep here", deepest_nesting));
        begin_value();
        break;
      case ']':
      case '}':
        if (brackets_ > 0) --brackets_;
        parts_ = 0;
        break;
      case '=':
      case ',': begin_value(); break;
      default: break;
    }
    ++at_;
  }

  void begin_value() {
    parts_ = 0;
    if (++values_ > most_values)
      refuse(
          fmt::format("there are more than {} values up to here, the most that an inventory may hold; write networks "
                      "as CIDRs, not address by address",
                      most_values));
  }

  void end_line() {
    if (at_ - line_start_ <= longest_line) return;
    at_ = line_start_;
    refuse(fmt::format("this line is longer than {} bytes; break it into several lines", longest_line));
  }

  void skip_string(char quote) {
    const std::string fence(3, quote);
    if (text_.substr(at_).starts_with(fence)) {
      skip_long_string(quote, fence);
      return;
    }
    for (++at_; at_ < text_.size() && text_[at_] != '\n'; ++at_) {
      if (text_[at_] == quote) {
        ++at_;
        return;
      }
      if (quote == '"' && text_[at_] == '\\' && at_ + 1 < text_.size() && text_[at_ + 1] != '\n') ++at_;
    }
  }

  /// Up to two quotes may stand right before the closing three.
  void skip_long_string(char quote, std::string_view fence) {
    at_ += fence.size();
    while (at_ < text_.size() && !found_) {
      if (text_.substr(at_).starts_with(fence)) {
        at_ += fence.size();
        for (int extra = 0; extra < 2 && at_ < text_.size() && text_[at_] == quote; ++extra) ++at_;
        return;
      }
      if (quote == '"' && text_[at_] == '\\' && at_ + 1 < text_.size() && text_[at_ + 1] != '\n')
        ++at_;
      else if (text_[at_] == '\n')
        next_line_of_string();
      ++at_;
    }
    at_ = std::min(at_, text_.size());
  }

  void next_line_of_string() {
    end_line();
    line_start_ = at_ + 1;
    ++line_;
  }

  void refuse(std::string message) {
    if (found_) return;
    std::uint32_t column = 1;
    for (std::size_t i = line_start_; i < at_; ++i) column += continues_character(text_[i]) ? 0U : 1U;
    found_ = Refusal{{line_, column}, std::move(message)};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_start_ = 0;
  std::uint32_t line_ = 1;
  unsigned parts_ = 0;
  unsigned brackets_ = 0;
  std::size_t values_ = 0;
  std::size_t dotted_ = 0;
  std::optional<Refusal> found_;
};

Refusal not_utf8(std::string_view text, std::size_t at) {
  Position place{1, 1};
  for (const char c : text.substr(0, at)) {
    if (c == '\n') {
      ++place.line;
      place.column = 1;
    } else if (!continues_character(c)) {
      ++place.column;
    }
  }
  if (at == 0 && (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")))
    return {place, "this file is UTF-16; save it as UTF-8"};
  return {place, fmt::format("the byte 0x{:02x} is not UTF-8; save the file as UTF-8, and see that it is an inventory",
                             static_cast<unsigned char>(text[at]))};
}

}  // namespace

std::optional<Refusal> prescan(std::string_view text) {
  if (const auto at = first_foreign_byte(text)) return not_utf8(text, *at);
  return Scan(text).run();
}

}  // namespace audit::inventory

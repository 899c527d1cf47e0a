#include "report/shown.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.hpp"
#include "base/utf8.hpp"

namespace audit::report {
namespace {

constexpr std::size_t most_members = 12;
constexpr std::size_t deepest = 4;

/// The longest prefix of at most `most` bytes that does not end inside a character.
std::string_view prefix(std::string_view bytes, std::size_t most) {
  std::size_t end = std::min(bytes.size(), most);
  for (std::size_t back = 0; back < 3 && end > back && end < bytes.size(); ++back) {
    const std::size_t start = end - back;
    if ((static_cast<unsigned char>(bytes[start]) & 0xc0U) != 0x80) return bytes.substr(0, start);
  }
  return bytes.substr(0, end);
}

std::string said_cut(std::size_t left) { return left == 0 ? "" : fmt::format("… ({} more)", counted(left, "byte")); }

bool blank(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

class Describer {
 public:
  explicit Describer(std::size_t most) : most_(most) {}

  void add(const Value& value, std::size_t depth) {
    std::visit([&](const auto& held) { add_held(held, depth); }, value.state());
  }
  std::string take() { return std::move(text_); }

 private:
  void add_held(std::monostate, std::size_t) { text_ += "nothing"; }
  void add_held(bool value, std::size_t) { text_ += value ? "true" : "false"; }
  void add_held(std::int64_t value, std::size_t) { text_ += fmt::format("{}", value); }
  void add_held(double value, std::size_t) { text_ += fmt::format("{}", value); }
  void add_held(const std::string& value, std::size_t) {
    const std::string_view kept = prefix(value, room());
    text_ += '"' + visible(kept) + '"' + said_cut(value.size() - kept.size());
  }
  void add_held(const Value::Array& values, std::size_t depth) {
    if (depth == deepest) return say_depth(values.size());
    text_ += '[';
    std::size_t written = 0;
    for (const Value& value : values) {
      if (!next(written, values.size())) break;
      add(value, depth + 1);
    }
    text_ += ']';
  }
  void add_held(const Value::Object& members, std::size_t depth) {
    if (depth == deepest) return say_depth(members.size());
    text_ += '{';
    std::size_t written = 0;
    for (const auto& [name, value] : members) {
      if (!next(written, members.size())) break;
      text_ += shown(name, 64) + '=';
      add(value, depth + 1);
    }
    text_ += '}';
  }

  void say_depth(std::size_t count) { text_ += fmt::format("… ({} inside)", count); }
  /// Comes before each member; false, and said, where the rest is left out.
  bool next(std::size_t& written, std::size_t total) {
    if (written > 0) text_ += ", ";
    if (written >= most_members || text_.size() >= most_) {
      text_ += fmt::format("… ({} more)", total - written);
      return false;
    }
    ++written;
    return true;
  }
  [[nodiscard]] std::size_t room() const { return text_.size() + 16 < most_ ? most_ - text_.size() : 16; }

  std::size_t most_;
  std::string text_;
};

}  // namespace

std::string shown(std::string_view bytes, std::size_t most) {
  const std::string_view kept = prefix(bytes, most);
  return visible(kept) + said_cut(bytes.size() - kept.size());
}

std::string prose(std::string_view text, std::size_t most) {
  std::string line;
  for (const char c : text) {
    if (!blank(c)) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  if (!line.empty() && line.back() == ' ') line.pop_back();
  return shown(line, most);
}

std::string shown_lines(std::string_view bytes, std::size_t most) {
  std::string_view rest = prefix(bytes, most);
  const std::size_t left = bytes.size() - rest.size();
  std::string text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size() - 1) + 1;
    text += visible(rest.substr(0, end));
    rest.remove_prefix(end);
    if (!rest.empty()) text += '\n';
  }
  return text + said_cut(left);
}

std::string describe(const Value& value, std::size_t most) {
  Describer describer(most);
  describer.add(value, 0);
  return describer.take();
}

std::string percent(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return "none";
  if (part >= whole) return "100 %";
  const long double exact = static_cast<long double>(part) * 1000.0L / static_cast<long double>(whole);
  const auto tenths = std::clamp(std::llround(exact), part > 0 ? 1LL : 0LL, 999LL);
  return fmt::format("{}.{} %", tenths / 10, tenths % 10);
}

std::string percent(double fraction) { return fmt::format("{:.4g} %", fraction * 100.0); }

std::string grouped(std::uint64_t number) {
  std::string digits = fmt::format("{}", number);
  for (std::size_t place = digits.size(); place > 3;) {
    place -= 3;
    digits.insert(place, "\u202f");
  }
  return digits;
}

}  // namespace audit::report

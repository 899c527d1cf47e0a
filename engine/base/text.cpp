#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <numeric>

#include "base/utf8.hpp"

namespace audit {
namespace {

int hex_digit(char digit) noexcept {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

void append_escaped_byte(std::string& text, unsigned char byte) {
  switch (byte) {
    case '\n': text += "\\n"; return;
    case '\r': text += "\\r"; return;
    case '\t': text += "\\t"; return;
    default: fmt::format_to(std::back_inserter(text), "\\x{:02x}", byte);
  }
}

/// Reads one escape at text[0] == '\\'; returns how many characters it took, 0 where it is none of ours.
std::size_t read_escape(std::string_view text, std::string& bytes) {
  if (text.size() < 2) return 0;
  switch (text[1]) {
    case '\\': bytes += '\\'; return 2;
    case 'n': bytes += '\n'; return 2;
    case 'r': bytes += '\r'; return 2;
    case 't': bytes += '\t'; return 2;
    case 'x': {
      if (text.size() < 4 || hex_digit(text[2]) < 0 || hex_digit(text[3]) < 0) return 0;
      bytes += static_cast<char>(hex_digit(text[2]) * 16 + hex_digit(text[3]));
      return 4;
    }
    case 'u': {
      constexpr std::size_t longest = 10;  // six digits
      const std::size_t close = text.substr(0, longest).find('}');
      if (text.size() < 5 || text[2] != '{' || close == std::string_view::npos || close == 3) return 0;
      std::uint32_t code = 0;
      for (const char digit : text.substr(3, close - 3)) {
        if (hex_digit(digit) < 0) return 0;
        code = code * 16 + static_cast<std::uint32_t>(hex_digit(digit));
      }
      std::string character;
      append_utf8(character, code);
      if (decode_utf8(character).length == 0) return 0;
      bytes += character;
      return close + 1;
    }
    default: return 0;
  }
}

/// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      row[j + 1] = std::min({last[j] + (a[i] == b[j] ? 0 : 1), row[j] + 1, last[j + 1] + 1});
      const bool swapped = i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j];
      if (swapped) row[j + 1] = std::min(row[j + 1], before[j - 1] + 1);
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last.back();
}

/// Printable ASCII that stands for itself.
constexpr bool is_plain(unsigned char byte) noexcept { return byte >= 0x20 && byte < 0x7f && byte != '\\'; }

/// Are all of eight bytes plain? Their high bits tell where a subtraction borrowed, which it first does at a byte that is
/// less than what was taken from it.
constexpr bool are_plain(std::uint64_t bytes) noexcept {
  constexpr std::uint64_t each = 0x0101010101010101;
  constexpr std::uint64_t high = each * 0x80;
  const auto has_less = [](std::uint64_t word, std::uint64_t than) { return (word - each * than) & ~word & high; };
  const std::uint64_t bad = (bytes & high) | has_less(bytes, 0x20) | has_less(bytes ^ each * 0x7f, 1) |
                            has_less(bytes ^ each * static_cast<unsigned char>('\\'), 1);
  return bad == 0;
}

/// How many bytes at the front are plain.
std::size_t plain_length(std::string_view bytes) noexcept {
  std::size_t length = 0;
  for (std::uint64_t word = 0; bytes.size() - length >= sizeof word; length += sizeof word) {
    std::memcpy(&word, bytes.data() + length, sizeof word);
    if (!are_plain(word)) break;
  }
  while (length < bytes.size() && is_plain(static_cast<unsigned char>(bytes[length]))) ++length;
  return length;
}

}  // namespace

std::string visible(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  while (!bytes.empty()) {
    const std::size_t plain = plain_length(bytes);
    text += bytes.substr(0, plain);
    bytes.remove_prefix(plain);
    if (bytes.empty()) break;
    const auto byte = static_cast<unsigned char>(bytes.front());
    if (byte == '\\') {
      text += "\\\\";
      bytes.remove_prefix(1);
    } else if (byte < 0x80) {
      append_escaped_byte(text, byte);
      bytes.remove_prefix(1);
    } else if (const CodePoint point = decode_utf8(bytes); point.length == 0) {
      append_escaped_byte(text, byte);
      bytes.remove_prefix(1);
    } else {
      if (is_printable(point.code)) {
        text += bytes.substr(0, point.length);
      } else {
        fmt::format_to(std::back_inserter(text), "\\u{{{:x}}}", point.code);
      }
      bytes.remove_prefix(point.length);
    }
  }
  return text;
}

bool is_plain_text(std::string_view bytes) noexcept { return plain_length(bytes) == bytes.size(); }

std::string visible(std::string_view bytes, std::size_t most) {
  if (bytes.size() <= most) return visible(bytes);
  return visible(bytes.substr(0, most)) + fmt::format("… ({} more)", counted(bytes.size() - most, "byte"));
}

std::string from_visible(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  while (!text.empty()) {
    const std::size_t taken = text.front() == '\\' ? read_escape(text, bytes) : 0;
    if (taken == 0) bytes += text.front();
    text.remove_prefix(std::max<std::size_t>(taken, 1));
  }
  return bytes;
}

std::size_t columns(std::string_view text) {
  std::size_t total = 0;
  while (!text.empty()) {
    const CodePoint point = decode_utf8(text);
    total += point.length == 0 ? 1 : width_of(point.code);
    text.remove_prefix(std::max<std::size_t>(point.length, 1));
  }
  return total;
}

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += digits[byte >> 4U];
    text += digits[byte & 15U];
  }
  return text;
}

bool from_hex(std::string_view text, std::string& bytes) {
  bytes.clear();
  int high = -1;
  for (const char c : text) {
    if (c == ' ' || c == '\n' || c == '\t') continue;
    const int digit = hex_digit(c);
    if (digit < 0) return false;
    if (high < 0) {
      high = digit;
    } else {
      bytes += static_cast<char>(high * 16 + digit);
      high = -1;
    }
  }
  return high < 0;
}

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& choices) {
  constexpr std::size_t longest_word = 64;
  if (word.size() > longest_word) return {};
  const std::size_t most = std::min(std::max<std::size_t>(1, word.size() / 3), word.size() / 2);  // "x" is like nothing
  std::size_t best = most + 1;
  std::string_view found;
  for (const std::string_view choice : choices) {
    const std::size_t distance = edit_distance(word, choice);
    if (distance < best) {
      best = distance;
      found = choice;
    }
  }
  return found;
}

std::string counted(std::uint64_t count, std::string_view singular, std::string_view plural) {
  if (count == 1) return fmt::format("1 {}", singular);
  return plural.empty() ? fmt::format("{} {}s", count, singular) : fmt::format("{} {}", count, plural);
}

bool glob_match(std::string_view pattern, std::string_view text) noexcept {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace audit

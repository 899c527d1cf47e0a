#include "notify/mail_header.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "base/text.hpp"
#include "base/utf8.hpp"

namespace audit::notify {
namespace {

constexpr std::size_t longest_plain = 66;  // with "Subject: " before it within 78 columns
constexpr std::size_t longest_word = 75;   // RFC 2047 2
constexpr std::string_view opening = "=?UTF-8?Q?";
constexpr std::string_view closing = "?=";

/// As encoding Q has it; RFC 2047 5 (3) lists what may stand for itself anywhere.
std::string encoded(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (plain)
      text += c;
    else if (c == ' ')
      text += '_';
    else
      text += fmt::format("={:02X}", static_cast<unsigned char>(c));
  }
  return text;
}

bool is_plain(std::string_view text) {
  return text.size() <= longest_plain && text.find("=?") == std::string_view::npos && !text.starts_with(' ') &&
         !text.ends_with(' ') && std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

}  // namespace

std::string header_text(std::string_view text) {
  if (is_plain(text)) return std::string(text);
  std::string folded;
  std::string word;
  const auto end_word = [&] {
    if (word.empty()) return;
    folded += fmt::format("{}{}{}{}", folded.empty() ? "" : "\r\n ", opening, word, closing);
    word.clear();
  };
  while (!text.empty()) {
    const std::size_t length = std::max<std::size_t>(1, decode_utf8(text).length);  // no character in two words
    const std::string more = encoded(text.substr(0, length));
    if (opening.size() + word.size() + more.size() + closing.size() > longest_word) end_word();
    word += more;
    text.remove_prefix(length);
  }
  end_word();
  return folded;
}

std::string mail_date(WallTime time) {
  const std::time_t seconds =
      std::chrono::system_clock::to_time_t(std::chrono::time_point_cast<std::chrono::system_clock::duration>(time));
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} +0000", days[static_cast<std::size_t>(parts.tm_wday)],
                     parts.tm_mday, months[static_cast<std::size_t>(parts.tm_mon)], parts.tm_year + 1'900,
                     parts.tm_hour, parts.tm_min, parts.tm_sec);
}

}  // namespace audit::notify

#include "inventory/disclosure.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>

#include "base/scrubber.hpp"
#include "inventory/source.hpp"

namespace audit::inventory {
namespace {

constexpr std::size_t longest_address = 64;
constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
constexpr std::string_view mask = "***";

std::string_view first_line(std::string_view text) { return text.substr(0, text.find_first_of("\r\n")); }

/// Before the last @ of each word, where that is userinfo: of a URL, or with a colon in it.
void mask_userinfo(std::string& text) {
  for (std::size_t begin = text.find_first_not_of(" \t\r\n\"'<>()"); begin < text.size();) {
    const std::size_t end = std::min(text.find_first_of(" \t\r\n\"'<>()", begin), text.size());
    const std::string_view word = std::string_view(text).substr(begin, end - begin);
    const std::size_t at = word.rfind('@');
    const std::size_t scheme = word.find("://");
    const std::size_t from = scheme == std::string_view::npos || scheme > at ? 0 : scheme + 3;
    const bool userinfo = at != std::string_view::npos && (from > 0 || word.substr(0, at).find(':') < at);
    const std::size_t next = userinfo ? begin + from + mask.size() + (word.size() - at) : end;
    if (userinfo) text.replace(begin + from, at - from, mask);
    begin = text.find_first_not_of(" \t\r\n\"'<>()", std::min(next, text.size()));
  }
}

bool announces_a_secret(std::string_view word) {
  return names_a_secret(word) || names_a_secret(word.substr(word.rfind('-') + 1)) || word == "Authorization" ||
         word == "authorization" || word == "Bearer";
}

/// To the end of its line, behind a word that announces a secret.
void mask_announced(std::string& text) {
  const std::string of_words = std::string(letters) + "_-";
  std::size_t begin = text.find_first_of(of_words);
  while (begin != std::string::npos) {
    const std::size_t end = std::min(text.find_first_not_of(of_words, begin), text.size());
    std::size_t next = end;
    if (announces_a_secret(std::string_view(text).substr(begin, end - begin))) {
      const std::size_t line_end = std::min(text.find_first_of("\r\n", end), text.size());
      if (line_end > end + 1) text.replace(end + 1, line_end - end - 1, mask);
      next = std::min(text.find_first_of("\r\n", end), text.size());
    }
    begin = text.find_first_of(of_words, next);
  }
}

}  // namespace

bool may_be_shown(std::string_view text) {
  return !text.empty() && text.size() <= longest_address &&
         text.find_first_not_of(std::string(letters) + "._:/-") == std::string_view::npos;
}

bool are_mostly_targets(std::size_t good, std::size_t odd) { return good >= 3 && good / 3 >= odd; }

bool looks_like_inventory(std::string_view text) {
  constexpr std::array<std::string_view, 7> sections{"[[targets]]", "[[sources]]", "[[waivers]]", "[[attestations]]",
                                                     "[groups.",    "[zones.",     "[scope]"};
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (std::any_of(sections.begin(), sections.end(), [&](std::string_view one) { return line.starts_with(one); }))
      return true;
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return false;
}

std::string scrubbed(std::string text, const std::vector<std::string>& secrets) {
  static_cast<void>(Scrubber(secrets).scrub(text));
  mask_userinfo(text);
  mask_announced(text);
  return text;
}

std::vector<std::string> secrets_at_hand(const std::vector<CredentialSource>& credentials) {
  std::vector<std::string> secrets;
  const auto add = [&](std::string_view secret) {
    secrets.emplace_back(secret);
    const std::size_t colon = secret.find(':');
    if (colon != std::string_view::npos) secrets.emplace_back(secret.substr(colon + 1));
  };
  for (const CredentialSource& credential : credentials) {
    const char* value = credential.env.empty() ? nullptr : std::getenv(credential.env.c_str());
    if (value != nullptr) add(value);
    if (credential.file.empty()) continue;
    const std::filesystem::path folder = std::filesystem::path(credential.place.file).parent_path();
    const auto bytes = read_named_file((folder / credential.file).string());
    if (const auto* text = std::get_if<std::string>(&bytes)) add(first_line(*text));
  }
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text(*variable);
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos && names_a_secret(text.substr(0, equals))) add(text.substr(equals + 1));
  }
  return secrets;
}

}  // namespace audit::inventory

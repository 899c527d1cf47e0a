#include "report/oscal_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "base/uuid.hpp"
#include "report/json_value.hpp"
#include "report/run_uuid.hpp"

namespace audit::report {
namespace {

constexpr std::string_view our_names = "urn:x-audit:oscal";

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_blank(std::uint32_t code) {
  return code == ' ' || code == 0xa0 || code == 0x1680 || (code >= 0x2000 && code <= 0x200a) || code == 0x202f ||
         code == 0x205f || code == 0x3000;
}

std::string escaped(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) text += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
  return text;
}

/// Where the last character begins.
std::size_t last_of(std::string_view text) {
  std::size_t at = text.size() - 1;
  while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80U) --at;
  return at;
}

}  // namespace

OscalIds::OscalIds(const RunRecord& record) : run_(uuid_of_run(record.run.id)) {}

std::string OscalIds::of(std::string_view kind, std::uint64_t number) const {
  return uuid_of(run_, fmt::format("{}/{}", kind, number));
}

std::string OscalIds::of(std::string_view kind, std::string_view name) const {
  return uuid_of(run_, fmt::format("{}/{}", kind, name));
}

std::string token_of(std::string_view id) {
  std::string token;
  for (const char c : id) {
    if (c == ')') continue;
    if (c == '(')
      token += '.';
    else if (is_letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '-')
      token += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    else
      token += '_';
  }
  if (token.empty() || !is_letter(token.front())) token.insert(0, 1, '_');
  return token;
}

std::string uri_of(std::string_view text) {
  constexpr std::string_view allowed = "-._~/?@!$&'()*+,;=";
  const auto is_hex = [](std::string_view digits) {
    return digits.size() == 2 && digits.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
  };
  // Only a scheme may stand before a colon in the first segment (RFC 3986, 4.2).
  const std::size_t colon = text.substr(0, text.find_first_of("/?#")).find(':');
  const bool scheme = colon != std::string_view::npos && colon > 0 &&
                      std::isalpha(static_cast<unsigned char>(text.front())) != 0 &&
                      std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon), [](unsigned char c) {
                        return c < 0x80 && (std::isalnum(c) != 0 || c == '+' || c == '-' || c == '.');
                      });
  std::string uri = colon != std::string_view::npos && !scheme ? "./" : "";
  bool fragment = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ':' ||
                 allowed.find(c) != std::string_view::npos || (c == '%' && is_hex(text.substr(i + 1, 2)));
    if (c == '#' && !fragment) plain = fragment = true;
    uri += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return uri;
}

std::string string_of(std::string_view bytes) {
  std::string text = visible(bytes);
  if (text.empty()) return text;
  const std::size_t last = last_of(text);
  if (is_blank(decode_utf8(std::string_view(text).substr(last)).code))
    text.replace(last, std::string::npos, escaped(text.substr(last)));
  const CodePoint first = decode_utf8(text);
  if (is_blank(first.code)) text.replace(0, first.length, escaped(text.substr(0, first.length)));
  return text;
}

void OscalProps::begin() {
  if (!begun_) {
    put_name(json_, "props");
    json_.StartArray();
  }
  begun_ = true;
  json_.StartObject();
}

void OscalProps::put_known(std::string_view name, std::string_view value) {
  if (value.empty()) return;
  begin();
  report::put(json_, "name", name);
  put_name(json_, "value");
  json_.visible_text(string_of(value));
  json_.EndObject();
}

void OscalProps::put(std::string_view name, std::string_view value) {
  if (value.empty()) return;
  begin();
  report::put(json_, "name", name);
  report::put(json_, "ns", our_names);
  put_name(json_, "value");
  json_.visible_text(string_of(value));
  json_.EndObject();
}

void OscalProps::end() {
  if (begun_) json_.EndArray();
}

}  // namespace audit::report

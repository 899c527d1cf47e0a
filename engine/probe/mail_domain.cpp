#include "probe/mail_domain.hpp"

#include <algorithm>

#include "proto/ascii.hpp"

namespace audit::probe {

namespace {

bool is_end(char c) { return proto::is_letter(c) || proto::is_digit(c); }

/// What `text` begins with, where that is a domain with a dot.
std::string_view domain_at(std::string_view text) {
  constexpr std::size_t longest = 255;
  const auto stranger =
      std::find_if_not(text.begin(), text.end(), [](char c) { return is_end(c) || c == '-' || c == '.'; });
  text.remove_suffix(static_cast<std::size_t>(text.end() - stranger));
  while (!text.empty() && !is_end(text.back())) text.remove_suffix(1);
  const bool dotted = text.find('.') != std::string_view::npos && text.find("..") == std::string_view::npos;
  return dotted && is_end(text.front()) && text.size() <= longest ? text : std::string_view();
}

}  // namespace

std::string_view mail_domain(std::string_view contact) {
  for (std::size_t at = contact.find('@'); at != std::string_view::npos; at = contact.find('@', at + 1))
    if (const std::string_view domain = domain_at(contact.substr(at + 1)); !domain.empty()) return domain;
  return {};
}

}  // namespace audit::probe

#include "probe/mail_domain.hpp"

#include <algorithm>

#include "proto/ascii.hpp"

namespace audit::probe {

std::string_view mail_domain(std::string_view contact) {
  constexpr std::size_t longest = 255;
  const auto is_end = [](char c) { return proto::is_letter(c) || proto::is_digit(c); };
  const std::size_t at = contact.find('@');
  if (at == std::string_view::npos) return {};
  std::string_view domain = contact.substr(at + 1);
  const auto stranger =
      std::find_if_not(domain.begin(), domain.end(), [&](char c) { return is_end(c) || c == '-' || c == '.'; });
  domain.remove_suffix(static_cast<std::size_t>(domain.end() - stranger));
  while (!domain.empty() && !is_end(domain.back())) domain.remove_suffix(1);
  const bool dotted = domain.find('.') != std::string_view::npos && domain.find("..") == std::string_view::npos;
  return dotted && is_end(domain.front()) && domain.size() <= longest ? domain : std::string_view();
}

}  // namespace audit::probe

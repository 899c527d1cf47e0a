#include "base/controls.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace audit {
namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// Takes the digits at the front, without leading zeros.
std::string_view take_number(std::string_view& text) noexcept {
  std::size_t end = 0;
  while (end < text.size() && is_digit(text[end])) ++end;
  std::string_view number = text.substr(0, end);
  text.remove_prefix(end);
  while (number.size() > 1 && number.front() == '0') number.remove_prefix(1);
  return number;
}

}  // namespace

std::string_view name_of(Support support) noexcept { return support == Support::full ? "full" : "partial"; }

std::optional<Support> parse_support(std::string_view name) noexcept {
  for (const Support support : {Support::partial, Support::full})
    if (name_of(support) == name) return support;
  return std::nullopt;
}

bool control_before(std::string_view one, std::string_view other) noexcept {
  const std::string_view whole = one;
  const std::string_view whole_other = other;
  while (!one.empty() && !other.empty()) {
    if (is_digit(one.front()) && is_digit(other.front())) {
      const std::string_view a = take_number(one);
      const std::string_view b = take_number(other);
      if (a.size() != b.size()) return a.size() < b.size();
      if (a != b) return a < b;
      continue;
    }
    if (one.front() != other.front()) return one.front() < other.front();
    one.remove_prefix(1);
    other.remove_prefix(1);
  }
  if (one.empty() != other.empty()) return one.empty();
  return whole < whole_other;
}

const Framework::Mapping* Framework::Control::mapping_of(std::string_view rule) const {
  const auto found =
      std::lower_bound(rules.begin(), rules.end(), rule,
                       [](const Mapping& mapping, std::string_view wanted) { return mapping.rule < wanted; });
  return found != rules.end() && found->rule == rule ? &*found : nullptr;
}

std::map<std::string, std::vector<std::string>> Controls::of(std::string_view rule) const {
  std::map<std::string, std::vector<std::string>> found;
  for (const Framework& framework : frameworks)
    for (const Framework::Control& control : framework.controls)
      if (control.mapping_of(rule) != nullptr) found[framework.id].push_back(control.id);
  return found;
}

bool Controls::matches(std::string_view wanted, std::string_view rule) const {
  const std::size_t slash = wanted.find('/');
  const std::string_view of_framework = wanted.substr(0, slash);
  const std::string_view of_control = slash == std::string_view::npos ? "*" : wanted.substr(slash + 1);
  for (const Framework& framework : frameworks) {
    if (!glob_match(of_framework, framework.id)) continue;
    for (const Framework::Control& control : framework.controls)
      if (glob_match(of_control, control.id) && control.mapping_of(rule) != nullptr) return true;
  }
  return false;
}

}  // namespace audit

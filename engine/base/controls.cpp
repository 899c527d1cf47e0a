#include "base/controls.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace audit {

std::map<std::string, std::vector<std::string>> Controls::of(std::string_view rule) const {
  std::map<std::string, std::vector<std::string>> found;
  for (const Framework& framework : frameworks)
    for (const Framework::Control& control : framework.controls)
      if (std::binary_search(control.rules.begin(), control.rules.end(), rule))
        found[framework.id].push_back(control.id);
  return found;
}

bool Controls::matches(std::string_view wanted, std::string_view rule) const {
  const std::size_t slash = wanted.find('/');
  const std::string_view of_framework = wanted.substr(0, slash);
  const std::string_view of_control = slash == std::string_view::npos ? "*" : wanted.substr(slash + 1);
  for (const Framework& framework : frameworks) {
    if (!glob_match(of_framework, framework.id)) continue;
    for (const Framework::Control& control : framework.controls)
      if (glob_match(of_control, control.id) && std::binary_search(control.rules.begin(), control.rules.end(), rule))
        return true;
  }
  return false;
}

}  // namespace audit

#include "base/left_out.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/text.hpp"

namespace audit {

std::string_view name_of(LeftOutBy by) noexcept {
  switch (by) {
    case LeftOutBy::limit: return "limit";
    case LeftOutBy::safety: return "safety";
    case LeftOutBy::expectations: return "expectations";
    case LeftOutBy::first_address: return "first_address";
  }
  return "limit";
}

std::string words_of(const LeftOut& part) {
  const std::string those = part.candidates ? fmt::format("{} of {} targets and candidates", part.count, part.of)
                                            : fmt::format("{} of {}", part.count, counted(part.of, "target"));
  const std::string example =
      part.example.empty() ? std::string() : fmt::format(" ({}{})", part.example, part.count > 1 ? ", …" : "");
  switch (part.by) {
    case LeftOutBy::limit: return fmt::format("{} {} left out by --limit", those, part.count == 1 ? "was" : "were");
    case LeftOutBy::safety:
      return fmt::format("{}: not asked of {}{}, because `safety` does not allow it", part.rule, those, example);
    case LeftOutBy::expectations:
      return fmt::format("{}: not asked of {}{}, because the inventory says nothing of what it judges", part.rule,
                         those, example);
    case LeftOutBy::first_address:
      return fmt::format("{}{} {} asked at one address alone: `resolve = \"first\"`", those, example,
                         part.count == 1 ? "was" : "were");
  }
  return {};
}

std::vector<LeftOut> left_out_of(const std::vector<LeftOut>& parts, const std::string& rule) {
  std::vector<LeftOut> of_rule;
  std::copy_if(parts.begin(), parts.end(), std::back_inserter(of_rule),
               [&](const LeftOut& part) { return part.rule.empty() || part.rule == rule; });
  return of_rule;
}

}  // namespace audit

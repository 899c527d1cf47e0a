#include "inventory/glob_index.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace audit::inventory {

GlobIndex::GlobIndex(std::vector<std::string> globs) : globs_(std::move(globs)) {
  for (std::size_t i = 0; i < globs_.size(); ++i) {
    const std::string& glob = globs_[i];
    const std::size_t begin = glob.find_first_of("*?");
    if (begin == std::string::npos) {
      exact_.emplace(glob, i);
      continue;
    }
    const std::size_t end = glob.size() - glob.find_last_of("*?") - 1;
    if (begin == 0 && end == 0) {
      others_.push_back(i);
    } else if (begin >= end) {
      by_begin_[begin][glob.substr(0, begin)].push_back(i);
    } else {
      by_end_[end][glob.substr(glob.size() - end)].push_back(i);
    }
  }
}

std::optional<std::size_t> GlobIndex::find(std::string_view name, std::size_t* compared) const {
  std::size_t best = globs_.size();
  std::size_t count = 0;
  const auto compare = [&](const Numbers& numbers) {
    for (const std::size_t i : numbers) {
      if (i >= best) return;  // they ascend
      ++count;
      if (glob_match(globs_[i], name)) best = i;
    }
  };
  if (const auto same = exact_.find(std::string(name)); same != exact_.end()) best = same->second;
  for (const auto& [length, parts] : by_begin_) {
    if (length > name.size()) break;
    if (const auto found = parts.find(std::string(name.substr(0, length))); found != parts.end())
      compare(found->second);
  }
  for (const auto& [length, parts] : by_end_) {
    if (length > name.size()) break;
    const auto found = parts.find(std::string(name.substr(name.size() - length)));
    if (found != parts.end()) compare(found->second);
  }
  compare(others_);
  if (compared != nullptr) *compared += count;
  return best == globs_.size() ? std::nullopt : std::optional(best);
}

}  // namespace audit::inventory

#include "audit/gathering.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace audit::core {

void Gathering::take(TargetMessage& message) {
  if (message.collected.empty()) return;
  const std::lock_guard lock(mutex_);
  for (CollectedMessage& one : message.collected) take(std::move(one));
  message.collected.clear();
}

void Gathering::take(CollectedMessage message) {
  constexpr std::size_t of_a_target = sizeof(lua::CollectedTarget) + 512;  // its names, tags and groups too, about
  lua::Collection& collection = collections_[message.rule_ordinal];
  ++collection.asked;
  lua::CollectedTarget& target = message.target;
  const bool something = !target.collected.items.empty();
  const std::size_t bytes = of_a_target + target.collected.bytes;
  const bool fits = bytes_ + bytes <= most_bytes;
  if (something && !fits && !message.missing)
    message.missing = Error(Reason::over_budget,
                            fmt::format("{}: what `collect` returned does not fit in the {} MiB that a run keeps",
                                        target.subject.id, most_bytes >> 20U));
  if (message.missing) {
    ++collection.missing_count;
    ++collection.missing_by_reason[message.missing->reason];
    lua::MissingTarget missing{target.ordinal, target.subject.id, std::move(*message.missing)};
    const auto place = std::upper_bound(collection.missing.begin(), collection.missing.end(), missing,
                                        [](const auto& a, const auto& b) { return a.ordinal < b.ordinal; });
    collection.missing.insert(place, std::move(missing));
    if (collection.missing.size() > most_missing) collection.missing.pop_back();
  } else if (!something) {
    ++collection.absent;
  }
  if (!something || !fits) return;
  bytes_ += bytes;
  collection.targets.push_back(std::move(target));
}

lua::Collection Gathering::of(std::uint32_t rule_ordinal) {
  const std::lock_guard lock(mutex_);
  const auto found = collections_.find(rule_ordinal);
  if (found == collections_.end()) return {};
  lua::Collection collection = std::move(found->second);
  collections_.erase(found);
  std::sort(collection.targets.begin(), collection.targets.end(),
            [](const auto& a, const auto& b) { return a.ordinal < b.ordinal; });
  return collection;
}

}  // namespace audit::core

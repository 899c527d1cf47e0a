#include "inventory/mistakes.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"

namespace audit::inventory {
namespace {

constexpr std::size_t sort_after = 20 * Mistakes::most;

}  // namespace

std::string format_place(const Place& place) {
  if (place.line == 0) return visible(place.file);
  return fmt::format("{}:{}:{}", visible(place.file), place.line, place.column);
}

std::string Mistake::text() const { return fmt::format("{}: {}", format_place(place), message); }

std::uint32_t Mistakes::add_file(std::string file) {
  files_.push_back(std::move(file));
  return static_cast<std::uint32_t>(files_.size() - 1);
}

Position Mistakes::position(const Place& place) const {
  const auto file = std::find(files_.begin(), files_.end(), place.file);
  return {place.line, place.column, static_cast<std::uint32_t>(file == files_.end() ? 0 : file - files_.begin())};
}

void Mistakes::add(Position at, std::string message) {
  if (!would_tell(at)) {
    ++dropped_;
    return;
  }
  kept_.push_back({at, std::move(message)});
  if (kept_.size() >= sort_after) drop_the_latest();
}

void Mistakes::drop_the_latest() {
  std::stable_sort(kept_.begin(), kept_.end(), [](const Kept& a, const Kept& b) { return a.at < b.at; });
  if (kept_.size() <= most) return;
  dropped_ += kept_.size() - most;
  kept_.erase(kept_.begin() + most, kept_.end());
  full_ = true;
  last_ = kept_.back().at;
}

std::vector<Mistake> Mistakes::take() {
  drop_the_latest();
  if (dropped_ > 0) kept_.back().message = fmt::format("and {} from here on", counted(dropped_ + 1, "more mistake"));
  std::vector<Mistake> told;
  for (Kept& one : kept_) told.push_back({place(one.at), std::move(one.message)});
  kept_.clear();
  return told;
}

}  // namespace audit::inventory

#include "inventory/mistakes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "base/text.hpp"

namespace audit::inventory {
namespace {

constexpr std::size_t sort_after = 20 * Mistakes::most;

bool earlier(const Mistake& a, const Mistake& b) {
  return std::tie(a.place.line, a.place.column) < std::tie(b.place.line, b.place.column);
}

}  // namespace

std::string format_place(const Place& place) {
  if (place.line == 0) return visible(place.file);
  return fmt::format("{}:{}:{}", visible(place.file), place.line, place.column);
}

std::string Mistake::text() const { return fmt::format("{}: {}", format_place(place), message); }

void Mistakes::add(Position at, std::string message) {
  kept_.push_back({place(at), std::move(message)});
  if (kept_.size() >= sort_after) drop_the_latest();
}

void Mistakes::drop_the_latest() {
  std::stable_sort(kept_.begin(), kept_.end(), earlier);
  if (kept_.size() <= most) return;
  dropped_ += kept_.size() - most;
  kept_.erase(kept_.begin() + most, kept_.end());
}

std::vector<Mistake> Mistakes::take() {
  drop_the_latest();
  if (dropped_ > 0) kept_.back().message = fmt::format("and {} from here on", counted(dropped_ + 1, "more mistake"));
  return std::move(kept_);
}

}  // namespace audit::inventory

#include "notify/news.hpp"

#include <numeric>

namespace audit::notify {

void FailureList::add(Failure failure) {
  ++by_severity[static_cast<std::size_t>(failure.severity)];
  if (first.size() < most) first.push_back(std::move(failure));
}

std::uint64_t FailureList::count() const { return count_from(Severity::info); }

std::uint64_t FailureList::count_from(Severity severity) const {
  return std::accumulate(by_severity.begin() + static_cast<std::ptrdiff_t>(severity), by_severity.end(),
                         std::uint64_t{0});
}

void Round::add(Flip flip) {
  ++flips;
  if (first.size() < most) first.push_back(std::move(flip));
}

bool Change::changed() const { return new_failures.count() + fixed + unknown_now + changed_evidence > 0 || recovered; }

bool News::did_its_work() const { return complete && (exit_code == 0 || exit_code == 1); }

}  // namespace audit::notify

#include "base/observation_diff.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>

namespace audit {
namespace {

constexpr std::string_view no_target = "its target is not among those that the run saw";

std::vector<ObservedValue> only_in(const std::vector<ObservedValue>& some, const std::vector<ObservedValue>& others) {
  std::vector<ObservedValue> left;
  std::set_difference(some.begin(), some.end(), others.begin(), others.end(), std::back_inserter(left),
                      [](const ObservedValue& a, const ObservedValue& b) { return a.id < b.id; });
  return left;
}

bool is_open(const Sight& sight) {
  return std::any_of(sight.values.begin(), sight.values.end(),
                     [](const ObservedValue& value) { return value.id == name_of(Reason::open); });
}

}  // namespace

std::string_view name_of(ObservedChange change) noexcept {
  constexpr std::array<std::string_view, all_observed_changes.size()> names{"new", "gone", "changed", "unknown_now",
                                                                            "unknown_before"};
  return names.at(static_cast<std::size_t>(change));
}

std::uint64_t ObservationDiff::count(ObservedChange change) const {
  return static_cast<std::uint64_t>(
      std::count_if(differences.begin(), differences.end(),
                    [&](const ObservedDifference& difference) { return difference.change == change; }));
}

int ObservationDiff::exit_code() const {
  const std::uint64_t unknown = count(ObservedChange::unknown_now);
  return (differences.size() > unknown ? 1 : 0) + (unknown > 0 ? 2 : 0);
}

void ObservationDiffer::before(TargetSight sight) {
  for (auto& [host, ports] : sight.hosts) {
    const std::string words =
        ports->closed.format() + "|" + ports->filtered.format() + "|" + ports->closed_or_filtered.format();
    ports = shut_.try_emplace(words, ports).first->second;
  }
  std::string target = sight.target;
  targets_.insert_or_assign(std::move(target), std::move(sight));
}

void ObservationDiffer::after(const TargetSight& sight) {
  const auto known = targets_.find(sight.target);
  const Sight unseen{Sight::State::unknown, {}, std::string(no_target)};
  if (known != targets_.end()) {
    for (const auto& [key, values] : known->second.things)
      compare(sight.target, key, known->second.look(key), sight.look(key));
  }
  for (const auto& [key, values] : sight.things) {
    if (known != targets_.end() && known->second.things.contains(key)) continue;
    compare(sight.target, key, known == targets_.end() ? unseen : known->second.look(key), sight.look(key));
  }
  if (known != targets_.end()) targets_.erase(known);
}

/// One of the two is there.
void ObservationDiffer::compare(const std::string& target, const ObservedKey& key, const Sight& was, const Sight& now) {
  using State = Sight::State;
  if (key.kind == ObservedKind::port && !is_open(was) && !is_open(now)) return;
  ObservedDifference difference;
  difference.target = target;
  difference.key = key;
  if (was.state == State::there && now.state == State::there) {
    const std::vector<ObservedValue> lost = only_in(was.values, now.values);
    const std::vector<ObservedValue> came = only_in(now.values, was.values);
    if (lost.empty() && came.empty()) {
      ++diff_.same;
      return;
    }
    // Where several questions had several answers, the one that is missing may not have been asked for.
    difference.change = came.empty()   ? ObservedChange::unknown_now
                        : lost.empty() ? ObservedChange::unknown_before
                                       : ObservedChange::changed;
    if (difference.change != ObservedChange::changed) difference.why = "of several answers not all were seen";
  } else if (was.state == State::there) {
    difference.change = now.state == State::absent ? ObservedChange::gone : ObservedChange::unknown_now;
    difference.why = now.why;
  } else {
    difference.change = was.state == State::absent ? ObservedChange::appeared : ObservedChange::unknown_before;
    difference.why = was.why;
  }
  difference.was = was.values;
  difference.now = now.values;
  diff_.differences.push_back(std::move(difference));
}

ObservationDiff ObservationDiffer::finish(DiffSide before, DiffSide after) {
  const Sight unseen{Sight::State::unknown, {}, std::string(no_target)};
  for (const auto& [target, sight] : targets_)
    for (const auto& [key, values] : sight.things) compare(target, key, sight.look(key), unseen);
  std::sort(diff_.differences.begin(), diff_.differences.end(),
            [](const ObservedDifference& a, const ObservedDifference& b) {
              return std::tie(a.change, a.key.kind, a.target, a.key) < std::tie(b.change, b.key.kind, b.target, b.key);
            });
  diff_.before = std::move(before);
  diff_.after = std::move(after);
  return std::move(diff_);
}

}  // namespace audit

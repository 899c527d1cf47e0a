#include "syntax/flow_state.hpp"

#include <algorithm>

namespace audit::syntax {
namespace {

constexpr std::size_t most_states = 24;

template <class Facts>
auto place_of(Facts& facts, std::size_t number) noexcept {
  return std::lower_bound(facts.begin(), facts.end(), number,
                          [](const auto& fact, std::size_t wanted) { return fact.first < wanted; });
}

}  // namespace

int State::fact(const Local& local) const noexcept {
  const auto found = place_of(facts, local.number);
  if (found == facts.end() || found->first != local.number) return -1;
  return found->second ? 1 : 0;
}

void State::learn(const Local& local, bool truth) {
  const auto found = place_of(facts, local.number);
  if (found != facts.end() && found->first == local.number) {
    found->second = truth;
  } else {
    facts.insert(found, {local.number, truth});
  }
}

void State::forget(const Local& local) {
  const auto found = place_of(facts, local.number);
  if (found != facts.end() && found->first == local.number) facts.erase(found);
}

bool State::covers(const State& other) const noexcept {
  return owed == other.owed && std::includes(other.facts.begin(), other.facts.end(), facts.begin(), facts.end());
}

void States::add(State state) {
  for (const State& known : all_)
    if (known.covers(state)) return;
  std::erase_if(all_, [&](const State& known) { return state.covers(known); });
  all_.push_back(std::move(state));
  if (all_.size() > most_states) merge();
}

void States::add(const States& others) {
  for (const State& state : others.all_) add(state);
}

void States::merge() {
  std::vector<State> merged;
  for (State& state : all_) {
    const auto like =
        std::find_if(merged.begin(), merged.end(), [&](const State& one) { return one.owed == state.owed; });
    if (like == merged.end()) {
      merged.push_back(std::move(state));
    } else {
      std::erase_if(like->facts, [&](const auto& fact) {
        return std::find(state.facts.begin(), state.facts.end(), fact) == state.facts.end();
      });
    }
  }
  all_ = std::move(merged);
}

void States::learn(const Local& local, bool truth) {
  change([&](State& state) { state.learn(local, truth); });
}

void States::forget(const Local& local) {
  change([&](State& state) { state.forget(local); });
}

void States::settle() {
  change([](State& state) { state.owed = false; });
}

bool States::owed() const noexcept {
  return std::any_of(all_.begin(), all_.end(), [](const State& state) { return state.owed; });
}

bool States::same(const States& other) const {
  return std::is_permutation(all_.begin(), all_.end(), other.all_.begin(), other.all_.end());
}

States Valued::all() const {
  States all = yes;
  all.add(no);
  all.add(unknown);
  return all;
}

}  // namespace audit::syntax

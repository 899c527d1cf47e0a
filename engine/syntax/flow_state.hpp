#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "syntax/scopes.hpp"

namespace audit::syntax {

/// What holds at one place on some path: is the verdict still owed, and which locals are known to be true or false.
struct State {
  bool owed = true;
  std::vector<std::pair<std::size_t, bool>> facts;  // by the local's number, sorted

  friend bool operator==(const State&, const State&) = default;
  /// 1 true, 0 false, -1 not known.
  [[nodiscard]] int fact(const Local& local) const noexcept;
  void learn(const Local& local, bool truth);
  void forget(const Local& local);
  /// Does it say nothing that `other` does not say?
  [[nodiscard]] bool covers(const State& other) const noexcept;
};

/// The states of all paths that reach a place; none: no path does. Few: beyond a bound, those that agree on `owed` become
/// one of what they all know.
class States {
 public:
  States() = default;
  explicit States(State one) { add(std::move(one)); }

  void add(State state);
  void add(const States& others);
  template <class Change>
  void change(Change change) {
    std::vector<State> before = std::move(all_);
    all_.clear();
    for (State& state : before) {
      change(state);
      add(std::move(state));
    }
  }
  void learn(const Local& local, bool truth);
  void forget(const Local& local);
  /// From here on the verdict is given, or may be.
  void settle();
  [[nodiscard]] bool owed() const noexcept;
  [[nodiscard]] bool empty() const noexcept { return all_.empty(); }
  [[nodiscard]] const std::vector<State>& all() const noexcept { return all_; }
  /// Do both say the same, in whatever order?
  [[nodiscard]] bool same(const States& other) const;

 private:
  void merge();
  std::vector<State> all_;
};

/// The states behind an expression, by what its first value is.
struct Valued {
  States yes;
  States no;
  States unknown;
  [[nodiscard]] States all() const;
};

/// The states on both sides of a condition.
struct Split {
  States yes;
  States no;
};

}  // namespace audit::syntax

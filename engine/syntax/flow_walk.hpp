#pragma once

#include <unordered_map>
#include <unordered_set>

#include "syntax/flow_state.hpp"
#include "syntax/givers.hpp"

namespace audit::syntax {

/// Leads the states of all paths through one function after the other. What a function gives back is kept, and all are
/// walked again until that changes no more. Throws TooMuch where that takes too long.
class FlowWalk {
 public:
  struct TooMuch {};

  FlowWalk(const Scopes& scopes, const FlowWords& words, const Givers& givers)
      : scopes_(scopes), words_(words), givers_(givers) {}

  void all_functions();
  [[nodiscard]] std::vector<MissingVerdict> missing_of(const Function& check);
  [[nodiscard]] bool reached(const Statement& statement) const { return reached_.contains(&statement); }

 private:
  /// The state in which a function ends that began owing the verdict, by the truth of its first result.
  Valued run(const Function& function);
  void tick(const States& now);

  // flow_walk.cpp
  States block(const Block& block, States now);
  States statement(const Statement& statement, States now);
  States one(const LocalStatement& statement, States now);
  States one(const Assignment& statement, States now);
  States one(const If& statement, const States& now);
  States one(const While& statement, States now);
  States one(const Repeat& statement, States now);
  States one(const NumericFor& statement, States now);
  States one(const GenericFor& statement, States now);
  States one(const Return& statement, States now, Position at);
  /// A `for`: its body any number of times, at least once where that is `sure`.
  States repeated(const Block& body, States now, bool sure);
  /// As block, of a loop's body; what breaks out is added to `broke`.
  States looped(const Block& body, States now, States& broke);

  // flow_expressions.cpp
  Valued value(const Expression& expression, const States& now);
  States after(const Expression& expression, const States& now) { return value(expression, now).all(); }
  States after(const std::vector<ExpressionPtr>& list, States now);
  Split branch(const Expression& condition, const States& now);
  Split branch(const Name& name, const States& now) const;
  Split branch(const Chain& chain, const States& now);
  Valued value(const Name& name, const States& now) const;
  Valued value(const Suffixed& path, States now);
  Valued called(const Suffixed& path, std::size_t place, States now);
  Valued called_by_name(const Name& callee, const Suffixed::Suffix& call, States now);
  [[nodiscard]] bool lends(const Suffixed::Suffix& call) const;
  [[nodiscard]] static bool remembered(const Local& local) noexcept { return !local.written_by_inner; }

  const Scopes& scopes_;
  const FlowWords& words_;
  const Givers& givers_;
  std::unordered_map<const Function*, Valued> results_;
  std::unordered_set<const Statement*> reached_;
  Valued returned_;             // of the function that is walked
  std::vector<States> broken_;  // of the loops around
  std::unordered_map<const Label*, States> jumped_;
  std::vector<MissingVerdict>* missing_ = nullptr;
  std::size_t steps_ = 0;
};

}  // namespace audit::syntax

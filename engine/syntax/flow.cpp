#include "syntax/flow.hpp"

#include <algorithm>

#include "syntax/flow_walk.hpp"

namespace audit::syntax {
namespace {

/// Where a piece begins that no path reaches, though one reaches what stands before it.
class Unreachable {
 public:
  explicit Unreachable(const FlowWalk& walk) : walk_(walk) {}

  void block(const Block& block) {
    bool before = false;
    for (const Statement& one : block.statements) {
      const bool now = walk_.reached(one);
      if (before && !now) found.push_back(one.at);
      before = now;
      statement(one);
    }
  }

  std::vector<Position> found;

 private:
  void statement(const Statement& statement) {
    std::visit(
        [&](const auto& what) {
          if constexpr (requires { what.body; }) block(what.body);
        },
        statement.what);
    const auto* choice = std::get_if<If>(&statement.what);
    if (choice == nullptr) return;
    for (const If::Clause& clause : choice->clauses) block(clause.body);
    if (choice->otherwise) block(*choice->otherwise);
  }

  const FlowWalk& walk_;
};

}  // namespace

Flow follow(const Function& text, const Scopes& scopes, const FlowWords& words, const Function* check) {
  Flow flow;
  const Givers givers(text, words, check);
  FlowWalk walk(scopes, words, givers);
  try {
    walk.all_functions();
    if (check != nullptr) flow.missing = walk.missing_of(*check);
  } catch (const FlowWalk::TooMuch&) {
    flow.given_up = true;
    return flow;
  }
  Unreachable unreachable(walk);
  for (const Function* function : scopes.functions) unreachable.block(function->body);
  flow.unreachable = std::move(unreachable.found);
  std::sort(flow.unreachable.begin(), flow.unreachable.end());
  return flow;
}

}  // namespace audit::syntax

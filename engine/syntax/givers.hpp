#pragma once

#include <set>
#include <string>
#include <vector>

#include "syntax/flow.hpp"

namespace audit::syntax {

/// Which functions of a text may give a verdict, and by which ways other than a local's name they can be called.
class Givers {
 public:
  /// `check` (or null) is where the engine itself calls it, by no other way.
  Givers(const Function& text, const FlowWords& words, const Function* check);

  [[nodiscard]] bool gives(const Function* function) const { return giving_.contains(function); }
  /// May a function that is called by such a field or method give one?
  [[nodiscard]] bool gives_by_name(const std::string& name) const { return names_.contains(name); }
  /// May a function that is in some variable, list or result?
  [[nodiscard]] bool gives_otherwise() const noexcept { return otherwise_; }
  /// May one that is called by a name that is computed?
  [[nodiscard]] bool gives_by_some_name() const noexcept { return otherwise_ || !names_.empty(); }
  /// Is it `pass`, or `ok and pass or fail`?
  [[nodiscard]] bool is_verdict(const Expression& callee) const;
  /// May what is given to a function as argument `place` be a function that gives one?
  [[nodiscard]] bool lends(const Expression& argument, std::size_t place) const;

 private:
  struct Stored {
    const Function* function;  // null: a verdict's own
    std::string name;          // "": somewhere
  };
  void block(const Block& block);
  void statement(const Statement& statement);
  void function(const Function& function);
  /// `name`: as what its value is stored; null: it is not.
  void expression(const Expression& expression, const std::string* name);
  void expressions(const std::vector<ExpressionPtr>& list, const std::string* name);
  void suffixed(const Suffixed& path);
  void store_to(const Expression& target, const Expression* value, const Function* function);
  [[nodiscard]] bool is_verdict_name(const Name& name) const;

  const FlowWords& words_;
  std::vector<const Function*> around_;
  std::vector<Stored> stored_;
  std::set<std::pair<const Function*, const Function*>> users_;  // a function, and one that names it
  std::set<const Function*> giving_;
  std::set<std::string> names_;
  bool otherwise_ = false;
};

/// The function that a local holds wherever it is read, or null.
[[nodiscard]] inline const Function* function_of(const Name& name) noexcept {
  return name.local != nullptr && name.local->writes == 0 ? name.local->function : nullptr;
}

}  // namespace audit::syntax

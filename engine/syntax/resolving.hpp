#pragma once

#include <unordered_map>

#include "syntax/jumps.hpp"
#include "syntax/scopes.hpp"

namespace audit::syntax {

/// resolve() while it runs. An error is thrown within and never leaves it.
class Resolving {
 public:
  [[nodiscard]] Scopes whole(Function& text);

 private:
  struct Frame {
    Function* function;
    std::size_t loops;   // of the function around it, to come back to
    std::size_t active;  // likewise
  };

  Local& declare(Position at, const std::string& name, Local::Kind kind, Attribute attribute = Attribute::none);
  void declare(Declared& declared, Local::Kind kind, std::size_t place = 0);
  void leave(std::size_t active);
  [[nodiscard]] Local* find(const std::string& name) const;

  void function(Function& function);
  void block(Block& block, bool until = false);
  void enter_block() { jumps_.back().enter(active_.size()); }
  void leave_block();
  /// A loop's body, after its variables were declared by `begin`.
  template <class Begin>
  void loop(Block& body, Begin begin);

  void statement(Statement& statement);
  void label(Label& label, Position at, bool last);
  void one(LocalStatement& statement);
  void one(LocalFunction& statement);
  void one(FunctionStatement& statement);
  void one(Assignment& statement);
  void one(If& statement);
  void one(Repeat& statement);

  void expressions(std::vector<ExpressionPtr>& list);
  void expression(Expression& expression);
  void name(Expression& at, Name& name, bool sets);
  void suffixed(Expression& at, Suffixed& path, bool sets);
  void assign_to(Expression& target);
  [[nodiscard]] bool within(const Function* function) const;

  Scopes scopes_;
  std::vector<Local*> active_;
  std::unordered_map<std::string, std::vector<Local*>> by_name_;
  std::vector<Frame> frames_;
  std::vector<Jumps> jumps_;  // one a frame
  std::size_t loops_ = 0;     // around, within the function
};

}  // namespace audit::syntax

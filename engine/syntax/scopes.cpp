#include "syntax/scopes.hpp"

#include <algorithm>

#include "syntax/resolving.hpp"

namespace audit::syntax {
namespace {

constexpr std::size_t most_locals = 200;  // of one function at one place: as Lua's MAXVARS

}  // namespace

Scopes Resolving::whole(Function& text) {
  function(text);
  return std::move(scopes_);
}

Local& Resolving::declare(Position at, const std::string& name, Local::Kind kind, Attribute attribute) {
  const std::size_t outside = frames_.back().active;
  if (active_.size() - outside >= most_locals)
    throw SyntaxError{at, "a function has at most " + std::to_string(most_locals) + " local variables at one place"};
  Local& local = scopes_.locals.emplace_back();
  local.number = scopes_.locals.size() - 1;
  local.at = at;
  local.name = name;
  local.kind = kind;
  local.attribute = attribute;
  local.owner = frames_.back().function;
  active_.push_back(&local);
  by_name_[name].push_back(&local);
  return local;
}

void Resolving::declare(Declared& declared, Local::Kind kind, std::size_t place) {
  declared.local = &declare(declared.at, declared.name, kind, declared.attribute);
  declared.local->place = place;
}

void Resolving::leave(std::size_t active) {
  while (active_.size() > active) {
    by_name_[active_.back()->name].pop_back();
    active_.pop_back();
  }
}

Local* Resolving::find(const std::string& name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() || found->second.empty() ? nullptr : found->second.back();
}

bool Resolving::within(const Function* function) const {
  return function != nullptr &&
         std::any_of(frames_.begin(), frames_.end(), [&](const Frame& frame) { return frame.function == function; });
}

void Resolving::function(Function& function) {
  scopes_.functions.push_back(&function);
  scopes_.parents.push_back(frames_.empty() ? nullptr : frames_.back().function);
  frames_.push_back({&function, loops_, active_.size()});
  jumps_.emplace_back();
  loops_ = 0;
  enter_block();
  if (function.method) function.self = &declare(function.at, "self", Local::Kind::self);
  for (std::size_t i = 0; i < function.parameters.size(); ++i)
    declare(function.parameters[i], Local::Kind::parameter, i);
  block(function.body);
  leave_block();
  jumps_.back().finish();
  jumps_.pop_back();
  loops_ = frames_.back().loops;
  frames_.pop_back();
}

void Resolving::leave_block() {
  leave(jumps_.back().active_at_begin());
  jumps_.back().leave();
}

/// The statements of a block that was entered. `until`: its locals are seen by what follows its last label.
void Resolving::block(Block& block, bool until) {
  std::size_t last = block.statements.size();
  while (!until && last > 0 && std::holds_alternative<Label>(block.statements[last - 1].what)) --last;
  for (std::size_t i = 0; i < block.statements.size(); ++i) {
    Statement& at = block.statements[i];
    if (auto* found = std::get_if<Label>(&at.what)) {
      label(*found, at.at, i >= last);
    } else {
      statement(at);
    }
  }
  for (const Statement& at : block.statements)
    if (const auto* found = std::get_if<Label>(&at.what); found != nullptr && !found->used)
      scopes_.unused_labels.push_back({at.at, found->name});
}

void Resolving::label(Label& label, Position at, bool last) {
  jumps_.back().add_label(label, at, last ? jumps_.back().active_at_begin() : active_.size());
}

template <class Begin>
void Resolving::loop(Block& body, Begin begin) {
  ++loops_;
  enter_block();
  begin();
  block(body);
  leave_block();
  --loops_;
}

void Resolving::statement(Statement& statement) {
  const auto plain = [&](Block& body) {
    enter_block();
    block(body);
    leave_block();
  };
  if (auto* jump = std::get_if<Goto>(&statement.what)) {
    jumps_.back().add_goto(*jump, statement.at, active_.size());
  } else if (std::holds_alternative<Break>(statement.what)) {
    if (loops_ == 0) throw SyntaxError{statement.at, "`break` stands in no loop"};
  } else if (auto* call = std::get_if<CallStatement>(&statement.what)) {
    expression(*call->call);
  } else if (auto* result = std::get_if<Return>(&statement.what)) {
    expressions(result->values);
  } else if (auto* inner = std::get_if<Do>(&statement.what)) {
    plain(inner->body);
  } else if (auto* while_loop = std::get_if<While>(&statement.what)) {
    expression(*while_loop->condition);
    loop(while_loop->body, [] {});
  } else if (auto* numeric = std::get_if<NumericFor>(&statement.what)) {
    expressions(numeric->bounds);
    loop(numeric->body, [&] { declare(numeric->name, Local::Kind::loop); });
  } else if (auto* generic = std::get_if<GenericFor>(&statement.what)) {
    expressions(generic->values);
    loop(generic->body, [&] {
      for (std::size_t i = 0; i < generic->names.size(); ++i) declare(generic->names[i], Local::Kind::loop, i);
    });
  } else {
    std::visit(
        [&](auto& what) {
          if constexpr (requires { one(what); }) one(what);
        },
        statement.what);
  }
}

void Resolving::one(LocalStatement& statement) {
  expressions(statement.values);
  const auto closes = std::count_if(statement.names.begin(), statement.names.end(),
                                    [](const Declared& name) { return name.attribute == Attribute::close; });
  if (closes > 1) throw SyntaxError{statement.names.front().at, "one `local` declares at most one variable <close>"};
  for (std::size_t i = 0; i < statement.names.size(); ++i) {
    declare(statement.names[i], Local::Kind::variable, i);
    if (i >= statement.values.size()) continue;
    statement.names[i].local->value = statement.values[i].get();
    if (const auto* value = statement.values[i]->get_if<FunctionValue>())
      statement.names[i].local->function = value->function.get();
  }
}

void Resolving::one(LocalFunction& statement) {
  declare(statement.name, Local::Kind::function);
  statement.name.local->function = statement.function.get();
  function(*statement.function);
}

void Resolving::one(FunctionStatement& statement) {
  assign_to(*statement.target);
  function(*statement.function);
}

void Resolving::one(Assignment& statement) {
  for (const ExpressionPtr& target : statement.targets) assign_to(*target);
  expressions(statement.values);
}

void Resolving::one(If& statement) {
  for (If::Clause& clause : statement.clauses) {
    expression(*clause.condition);
    enter_block();
    block(clause.body);
    leave_block();
  }
  if (!statement.otherwise) return;
  enter_block();
  block(*statement.otherwise);
  leave_block();
}

void Resolving::one(Repeat& statement) {
  ++loops_;
  enter_block();
  block(statement.body, true);
  --loops_;
  expression(*statement.until);
  leave_block();
}

std::variant<Scopes, SyntaxError> resolve(Function& text) {
  try {
    return Resolving().whole(text);
  } catch (SyntaxError& error) {
    return std::move(error);
  }
}

}  // namespace audit::syntax

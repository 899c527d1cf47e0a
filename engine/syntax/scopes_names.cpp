#include "syntax/resolving.hpp"

// What each name in an expression means.

namespace audit::syntax {

void Resolving::expressions(std::vector<ExpressionPtr>& list) {
  for (const ExpressionPtr& one : list) expression(*one);
}

void Resolving::expression(Expression& at) {
  if (auto* found = at.get_if<Name>()) {
    name(at, *found, false);
  } else if (auto* inner = at.get_if<Parenthesised>()) {
    expression(*inner->inside);
  } else if (auto* unary = at.get_if<Unary>()) {
    expression(*unary->operand);
  } else if (auto* chain = at.get_if<Chain>()) {
    expression(*chain->first);
    for (const Chain::Link& link : chain->links) expression(*link.operand);
  } else if (auto* value = at.get_if<FunctionValue>()) {
    function(*value->function);
  } else if (auto* table = at.get_if<Table>()) {
    for (const Table::Field& field : table->fields) {
      if (field.key) expression(*field.key);
      expression(*field.value);
    }
  } else if (auto* path = at.get_if<Suffixed>()) {
    suffixed(at, *path, false);
  }
}

void Resolving::assign_to(Expression& target) {
  if (auto* found = target.get_if<Name>()) {
    name(target, *found, true);
  } else if (auto* path = target.get_if<Suffixed>()) {
    suffixed(target, *path, true);
  }
}

void Resolving::name(Expression& at, Name& name, bool sets) {
  name.local = find(name.text);
  if (name.local == nullptr) {
    if (name.text == "_ENV") return;
    name.own_globals = find("_ENV") != nullptr;
    Use use;
    use.at = at.at;
    use.name = name.text;
    use.own_globals = name.own_globals;
    use.sets = sets;
    use.within = frames_.back().function;
    scopes_.uses.push_back(std::move(use));
    return;
  }
  Local& local = *name.local;
  if (sets) {
    if (local.attribute != Attribute::none)
      throw SyntaxError{at.at, "`" + name.text + "` is constant and cannot be assigned to"};
    ++local.writes;
    if (local.owner != frames_.back().function) local.written_by_inner = true;
  } else if (!within(local.function)) {
    ++local.reads;
  }
}

/// A name's path is one use: a global's own, with the steps behind it; of a local only where there are steps.
void Resolving::suffixed(Expression& at, Suffixed& path, bool sets) {
  Use use;
  use.at = at.at;
  bool known = false;
  if (auto* first = path.first->get_if<Name>()) {
    const std::size_t before = scopes_.uses.size();
    name(*path.first, *first, false);
    scopes_.uses.resize(before);
    use.name = first->text;
    use.local = first->local;
    use.own_globals = first->own_globals;
    use.within = frames_.back().function;
    known = first->local != nullptr || first->text != "_ENV";
  } else {
    expression(*path.first);
  }
  bool whole = true;
  bool straight = true;  // no call and no computed index yet
  for (Suffixed::Suffix& suffix : path.suffixes) {
    const auto* index = suffix.index ? suffix.index->get_if<String>() : nullptr;
    const bool written =
        suffix.kind == Suffixed::Kind::field || suffix.kind == Suffixed::Kind::method || index != nullptr;
    if (straight && written && use.steps.size() < Use::most_steps) {
      use.steps.push_back({index != nullptr ? index->bytes : suffix.name,
                           index != nullptr ? suffix.index->at : suffix.at, suffix.kind == Suffixed::Kind::method});
    } else {
      whole = false;
    }
    if (straight && suffix.kind == Suffixed::Kind::call && use.steps.empty() && suffix.arguments.size() == 1)
      use.argument = suffix.arguments.front()->get_if<String>();
    straight = straight && written && suffix.kind != Suffixed::Kind::method;
    if (suffix.index) expression(*suffix.index);
    expressions(suffix.arguments);
  }
  use.sets = sets && whole;
  if (known && (use.local == nullptr || !use.steps.empty())) scopes_.uses.push_back(std::move(use));
}

}  // namespace audit::syntax

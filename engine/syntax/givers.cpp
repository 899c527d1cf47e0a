#include "syntax/givers.hpp"

#include <algorithm>

namespace audit::syntax {
namespace {

const std::string somewhere;

/// The name by which a variable or a field is called: of a.b and a["b"] the last; "" where there is none.
std::string name_of_target(const Expression& target) {
  if (const auto* name = target.get_if<Name>()) return name->local == nullptr ? name->text : somewhere;
  const auto* path = target.get_if<Suffixed>();
  if (path == nullptr) return somewhere;
  const Suffixed::Suffix& last = path->suffixes.back();
  const auto* index = last.index ? last.index->get_if<String>() : nullptr;
  return index != nullptr ? index->bytes : last.name;
}

}  // namespace

Givers::Givers(const Function& text, const FlowWords& words, const Function* check) : words_(words) {
  function(text);
  std::vector<const Function*> news(giving_.begin(), giving_.end());
  while (!news.empty()) {
    const Function* one = news.back();
    news.pop_back();
    for (auto user = users_.lower_bound({one, nullptr}); user != users_.end() && user->first == one; ++user)
      if (giving_.insert(user->second).second) news.push_back(user->second);
  }
  for (const Stored& one : stored_) {
    if (one.function != nullptr && (one.function == check || !gives(one.function))) continue;
    if (one.name.empty()) {
      otherwise_ = true;
    } else {
      names_.insert(one.name);
    }
  }
}

bool Givers::is_verdict_name(const Name& name) const {
  return name.local == nullptr && !name.own_globals && words_.verdicts.contains(name.text);
}

bool Givers::is_verdict(const Expression& callee) const {
  if (const auto* name = callee.get_if<Name>()) return is_verdict_name(*name);
  if (const auto* inner = callee.get_if<Parenthesised>()) return is_verdict(*inner->inside);
  const auto* chain = callee.get_if<Chain>();
  return chain != nullptr && std::any_of(chain->links.begin(), chain->links.end(),
                                         [&](const Chain::Link& link) { return is_verdict(*link.operand); });
}

bool Givers::lends(const Expression& argument, std::size_t place) const {
  if (const auto* value = argument.get_if<FunctionValue>()) return gives(value->function.get());
  if (const auto* name = argument.get_if<Name>()) {
    if (const Function* function = function_of(*name)) return gives(function);
    return is_verdict_name(*name) || (place == 0 && name->local != nullptr && otherwise_);
  }
  if (const auto* path = argument.get_if<Suffixed>()) {
    const Suffixed::Suffix& last = path->suffixes.back();
    if (last.kind == Suffixed::Kind::field) return gives_by_name(last.name);
    return last.kind == Suffixed::Kind::index && place == 0 && gives_by_some_name();
  }
  return is_verdict(argument);
}

void Givers::function(const Function& function) {
  around_.push_back(&function);
  block(function.body);
  around_.pop_back();
}

void Givers::block(const Block& block) {
  for (const Statement& one : block.statements) statement(one);
}

void Givers::expressions(const std::vector<ExpressionPtr>& list, const std::string* name) {
  for (const ExpressionPtr& one : list) expression(*one, name);
}

void Givers::statement(const Statement& statement) {
  if (const auto* local = std::get_if<LocalStatement>(&statement.what)) {
    for (std::size_t i = 0; i < local->values.size(); ++i) {
      const auto* value = local->values[i]->get_if<FunctionValue>();
      const bool by_name = value != nullptr && i < local->names.size() && local->names[i].local->writes == 0;
      expression(*local->values[i], by_name ? nullptr : &somewhere);
    }
  } else if (const auto* helper = std::get_if<LocalFunction>(&statement.what)) {
    if (helper->name.local->writes != 0) stored_.push_back({helper->function.get(), somewhere});
    function(*helper->function);
  } else if (const auto* named = std::get_if<FunctionStatement>(&statement.what)) {
    store_to(*named->target, nullptr, named->function.get());
  } else if (const auto* assignment = std::get_if<Assignment>(&statement.what)) {
    for (std::size_t i = 0; i < std::max(assignment->targets.size(), assignment->values.size()); ++i) {
      const Expression* value = i < assignment->values.size() ? assignment->values[i].get() : nullptr;
      if (i < assignment->targets.size()) {
        store_to(*assignment->targets[i], value, nullptr);
      } else {
        expression(*value, nullptr);
      }
    }
  } else if (const auto* call = std::get_if<CallStatement>(&statement.what)) {
    expression(*call->call, nullptr);
  } else if (const auto* result = std::get_if<Return>(&statement.what)) {
    expressions(result->values, &somewhere);
  } else if (const auto* inner = std::get_if<Do>(&statement.what)) {
    block(inner->body);
  } else if (const auto* while_loop = std::get_if<While>(&statement.what)) {
    expression(*while_loop->condition, nullptr);
    block(while_loop->body);
  } else if (const auto* repeat = std::get_if<Repeat>(&statement.what)) {
    block(repeat->body);
    expression(*repeat->until, nullptr);
  } else if (const auto* choice = std::get_if<If>(&statement.what)) {
    for (const If::Clause& clause : choice->clauses) {
      expression(*clause.condition, nullptr);
      block(clause.body);
    }
    if (choice->otherwise) block(*choice->otherwise);
  } else if (const auto* numeric = std::get_if<NumericFor>(&statement.what)) {
    expressions(numeric->bounds, nullptr);
    block(numeric->body);
  } else if (const auto* generic = std::get_if<GenericFor>(&statement.what)) {
    expressions(generic->values, nullptr);
    block(generic->body);
  }
}

void Givers::store_to(const Expression& target, const Expression* value, const Function* own) {
  if (const auto* path = target.get_if<Suffixed>()) suffixed(*path);
  const std::string name = name_of_target(target);
  if (value != nullptr) expression(*value, &name);
  if (own == nullptr) return;
  stored_.push_back({own, name});
  function(*own);
}

void Givers::expression(const Expression& at, const std::string* name) {
  if (const auto* found = at.get_if<Name>()) {
    if (is_verdict_name(*found)) {
      giving_.insert(around_.begin(), around_.end());
      if (name != nullptr) stored_.push_back({nullptr, *name});
    } else if (const Function* function = function_of(*found)) {
      for (const Function* user : around_) users_.insert({function, user});
      if (name != nullptr) stored_.push_back({function, *name});
    }
  } else if (const auto* inner = at.get_if<Parenthesised>()) {
    expression(*inner->inside, name);
  } else if (const auto* unary = at.get_if<Unary>()) {
    expression(*unary->operand, nullptr);
  } else if (const auto* chain = at.get_if<Chain>()) {
    expression(*chain->first, name);
    for (const Chain::Link& link : chain->links) expression(*link.operand, name);
  } else if (const auto* value = at.get_if<FunctionValue>()) {
    if (name != nullptr) stored_.push_back({value->function.get(), *name});
    function(*value->function);
  } else if (const auto* table = at.get_if<Table>()) {
    for (const Table::Field& field : table->fields) {
      if (field.key) expression(*field.key, nullptr);
      const auto* key = field.key ? field.key->get_if<String>() : nullptr;
      expression(*field.value, key != nullptr ? &key->bytes : &field.name);
    }
  } else if (const auto* path = at.get_if<Suffixed>()) {
    suffixed(*path);
  }
}

void Givers::suffixed(const Suffixed& path) {
  expression(*path.first, nullptr);
  for (const Suffixed::Suffix& suffix : path.suffixes) {
    if (suffix.index) expression(*suffix.index, nullptr);
    expressions(suffix.arguments, &somewhere);
  }
}

}  // namespace audit::syntax

#include "syntax/flow_walk.hpp"

#include <algorithm>
#include <cstdlib>

namespace audit::syntax {
namespace {

constexpr std::size_t most_steps = 500'000;

/// Do the bounds of a `for` say that its body runs?
bool surely_runs(const NumericFor& loop) {
  const auto* first = loop.bounds[0]->get_if<Number>();
  const auto* last = loop.bounds[1]->get_if<Number>();
  return first != nullptr && last != nullptr && loop.bounds.size() == 2 &&
         std::strtod(first->text.c_str(), nullptr) <= std::strtod(last->text.c_str(), nullptr);
}

States without_facts(const States& states) {
  States plain;
  for (const State& state : states.all()) plain.add(State{state.owed, {}});
  return plain;
}

}  // namespace

void FlowWalk::tick(const States& now) {
  steps_ += 1 + now.all().size();
  if (steps_ > most_steps) throw TooMuch{};
}

void FlowWalk::all_functions() {
  bool changed = true;
  while (changed) {
    changed = false;
    for (const Function* function : scopes_.functions) {
      Valued result = run(*function);
      Valued& known = results_[function];
      changed =
          changed || !result.yes.same(known.yes) || !result.no.same(known.no) || !result.unknown.same(known.unknown);
      known = std::move(result);
    }
  }
}

std::vector<MissingVerdict> FlowWalk::missing_of(const Function& check) {
  std::vector<MissingVerdict> missing;
  missing_ = &missing;
  run(check);
  missing_ = nullptr;
  std::sort(missing.begin(), missing.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
  const auto repeats =
      std::unique(missing.begin(), missing.end(), [](const auto& a, const auto& b) { return a.at == b.at; });
  missing.erase(repeats, missing.end());
  return missing;
}

Valued FlowWalk::run(const Function& function) {
  returned_ = {};
  broken_.clear();
  jumped_.clear();
  const States end = block(function.body, States(State{}));
  if (missing_ != nullptr && end.owed()) missing_->push_back({function.body.end, true});
  returned_.no.add(end);
  return {without_facts(returned_.yes), without_facts(returned_.no), without_facts(returned_.unknown)};
}

/// Walked again while jumps within it reach its labels with anything new.
States FlowWalk::block(const Block& block, States now) {
  std::vector<const Label*> labels;
  for (const Statement& one : block.statements)
    if (const auto* label = std::get_if<Label>(&one.what)) labels.push_back(label);
  const States begin = labels.empty() ? States() : now;
  bool again = true;
  while (again) {
    std::vector<States> before;
    for (const Label* label : labels) before.push_back(jumped_[label]);
    for (const Statement& one : block.statements) {
      if (const auto* label = std::get_if<Label>(&one.what)) now.add(jumped_[label]);
      if (now.empty()) continue;  // a label may follow
      reached_.insert(&one);
      now = statement(one, std::move(now));
    }
    again = false;
    for (std::size_t i = 0; i < labels.size(); ++i) again = again || !before[i].same(jumped_[labels[i]]);
    if (again) now = begin;
  }
  for (const Statement& one : block.statements)
    if (const auto* local = std::get_if<LocalStatement>(&one.what))
      for (const Declared& name : local->names) now.forget(*name.local);
  return now;
}

States FlowWalk::statement(const Statement& statement, States now) {
  tick(now);
  if (const auto* local = std::get_if<LocalStatement>(&statement.what)) return one(*local, std::move(now));
  if (const auto* assignment = std::get_if<Assignment>(&statement.what)) return one(*assignment, std::move(now));
  if (const auto* call = std::get_if<CallStatement>(&statement.what)) return after(*call->call, now);
  if (const auto* choice = std::get_if<If>(&statement.what)) return one(*choice, now);
  if (const auto* inner = std::get_if<Do>(&statement.what)) return block(inner->body, std::move(now));
  if (const auto* loop = std::get_if<While>(&statement.what)) return one(*loop, std::move(now));
  if (const auto* loop = std::get_if<Repeat>(&statement.what)) return one(*loop, std::move(now));
  if (const auto* loop = std::get_if<NumericFor>(&statement.what)) return one(*loop, std::move(now));
  if (const auto* loop = std::get_if<GenericFor>(&statement.what)) return one(*loop, std::move(now));
  if (const auto* result = std::get_if<Return>(&statement.what)) return one(*result, std::move(now), statement.at);
  if (const auto* jump = std::get_if<Goto>(&statement.what)) {
    jumped_[jump->target].add(now);
    return {};
  }
  if (std::holds_alternative<Break>(statement.what)) {
    broken_.back().add(now);
    return {};
  }
  return now;  // a function that is declared, a label
}

States FlowWalk::one(const LocalStatement& statement, States now) {
  for (std::size_t i = 0; i < std::max(statement.names.size(), statement.values.size()); ++i) {
    const Local* local = i < statement.names.size() ? statement.names[i].local : nullptr;
    const bool kept = local != nullptr && remembered(*local);
    if (i < statement.values.size()) {
      Valued given = value(*statement.values[i], now);
      if (kept) {
        given.yes.learn(*local, true);
        given.no.learn(*local, false);
        given.unknown.forget(*local);
      }
      now = given.all();
    } else if (kept) {
      statement.values.empty() ? now.learn(*local, false) : now.forget(*local);
    }
  }
  return now;
}

States FlowWalk::one(const Assignment& statement, States now) {
  for (const ExpressionPtr& target : statement.targets)
    if (target->get_if<Suffixed>() != nullptr) now = after(*target, now);
  const auto* name = statement.targets.front()->get_if<Name>();
  if (statement.targets.size() == 1 && statement.values.size() == 1 && name != nullptr && name->local != nullptr &&
      remembered(*name->local)) {
    Valued given = value(*statement.values.front(), now);
    given.yes.learn(*name->local, true);
    given.no.learn(*name->local, false);
    given.unknown.forget(*name->local);
    return given.all();
  }
  now = after(statement.values, std::move(now));
  for (const ExpressionPtr& target : statement.targets)
    if (const auto* one = target->get_if<Name>(); one != nullptr && one->local != nullptr) now.forget(*one->local);
  return now;
}

States FlowWalk::one(const If& statement, const States& now) {
  States rest = now;
  States out;
  for (const If::Clause& clause : statement.clauses) {
    Split split = branch(*clause.condition, rest);
    out.add(block(clause.body, std::move(split.yes)));
    rest = std::move(split.no);
  }
  out.add(statement.otherwise ? block(*statement.otherwise, std::move(rest)) : rest);
  return out;
}

States FlowWalk::looped(const Block& body, States now, States& broke) {
  broken_.emplace_back();
  States end = block(body, std::move(now));
  broke.add(broken_.back());
  broken_.pop_back();
  return end;
}

States FlowWalk::one(const While& statement, States now) {
  States out;
  while (true) {
    Split split = branch(*statement.condition, now);
    out.add(split.no);
    States next = now;
    next.add(looped(statement.body, std::move(split.yes), out));
    if (next.same(now)) return out;
    now = std::move(next);
  }
}

States FlowWalk::one(const Repeat& statement, States now) {
  States out;
  while (true) {
    const Split split = branch(*statement.until, looped(statement.body, now, out));
    out.add(split.yes);
    States next = now;
    next.add(split.no);
    if (next.same(now)) return out;
    now = std::move(next);
  }
}

States FlowWalk::one(const NumericFor& statement, States now) {
  now = after(statement.bounds, std::move(now));
  now.forget(*statement.name.local);
  return repeated(statement.body, std::move(now), surely_runs(statement));
}

States FlowWalk::one(const GenericFor& statement, States now) {
  now = after(statement.values, std::move(now));
  for (const Declared& name : statement.names) now.forget(*name.local);
  return repeated(statement.body, std::move(now), false);
}

States FlowWalk::repeated(const Block& body, States now, bool sure) {
  States out;
  if (!sure) out.add(now);
  while (true) {
    const States end = looped(body, now, out);
    out.add(end);
    States next = now;
    next.add(end);
    if (next.same(now)) return out;
    now = std::move(next);
  }
}

States FlowWalk::one(const Return& statement, States now, Position at) {
  Valued given;
  if (statement.values.empty()) {
    given.no = std::move(now);
  } else {
    given = value(*statement.values.front(), now);
    for (std::size_t i = 1; i < statement.values.size(); ++i) {
      given.yes = after(*statement.values[i], given.yes);
      given.no = after(*statement.values[i], given.no);
      given.unknown = after(*statement.values[i], given.unknown);
    }
  }
  if (missing_ != nullptr && given.all().owed()) missing_->push_back({at, false});
  returned_.yes.add(given.yes);
  returned_.no.add(given.no);
  returned_.unknown.add(given.unknown);
  return {};
}

}  // namespace audit::syntax

#include "syntax/flow_walk.hpp"

#include <algorithm>

namespace audit::syntax {
namespace {

bool is_comparison(Mark mark) noexcept { return mark >= Mark::equal && mark <= Mark::greater; }

bool is_nil(const Expression& expression) noexcept { return expression.get_if<Nil>() != nullptr; }

Split both(const States& states) { return {states, states}; }

Split split_of(Valued value) {
  value.yes.add(value.unknown);
  value.no.add(value.unknown);
  return {std::move(value.yes), std::move(value.no)};
}

}  // namespace

States FlowWalk::after(const std::vector<ExpressionPtr>& list, States now) {
  for (const ExpressionPtr& one : list) now = after(*one, now);
  return now;
}

Valued FlowWalk::value(const Expression& at, const States& now) {
  tick(now);
  if (now.empty()) return {};
  if (at.get_if<Nil>() != nullptr) return {{}, now, {}};
  if (const auto* constant = at.get_if<Boolean>()) return constant->value ? Valued{now, {}, {}} : Valued{{}, now, {}};
  if (const auto* name = at.get_if<Name>()) return value(*name, now);
  if (const auto* inner = at.get_if<Parenthesised>()) return value(*inner->inside, now);
  if (const auto* path = at.get_if<Suffixed>()) return value(*path, now);
  if (at.get_if<Varargs>() != nullptr) return {{}, {}, now};
  if (const auto* unary = at.get_if<Unary>()) {
    if (unary->mark != Mark::word_not) return {after(*unary->operand, now), {}, {}};
    Split split = branch(*unary->operand, now);
    return {std::move(split.no), std::move(split.yes), {}};
  }
  if (const auto* chain = at.get_if<Chain>()) {
    Split split = branch(*chain, now);
    return {std::move(split.yes), std::move(split.no), {}};
  }
  if (const auto* table = at.get_if<Table>()) {
    States after_fields = now;
    for (const Table::Field& field : table->fields) {
      if (field.key) after_fields = after(*field.key, after_fields);
      after_fields = after(*field.value, after_fields);
    }
    return {std::move(after_fields), {}, {}};
  }
  return {now, {}, {}};  // a number, a string, a function
}

Valued FlowWalk::value(const Name& name, const States& now) const {
  if (name.local == nullptr) return {{}, {}, now};
  if (function_of(name) != nullptr) return {now, {}, {}};
  Valued known;
  for (const State& state : now.all()) {
    const int fact = state.fact(*name.local);
    (fact < 0 ? known.unknown : fact == 1 ? known.yes : known.no).add(state);
  }
  return known;
}

Split FlowWalk::branch(const Expression& condition, const States& now) {
  tick(now);
  if (now.empty()) return {};
  if (const auto* name = condition.get_if<Name>()) return branch(*name, now);
  if (const auto* inner = condition.get_if<Parenthesised>()) return branch(*inner->inside, now);
  if (const auto* chain = condition.get_if<Chain>()) return branch(*chain, now);
  const auto* unary = condition.get_if<Unary>();
  if (unary == nullptr || unary->mark != Mark::word_not) return split_of(value(condition, now));
  Split split = branch(*unary->operand, now);
  std::swap(split.yes, split.no);
  return split;
}

/// What a local is found to be is known from there on. One that an inner function writes may stand for anything, such as
/// that a verdict was given.
Split FlowWalk::branch(const Name& name, const States& now) const {
  if (name.local == nullptr) return both(now);
  if (!remembered(*name.local)) {
    States settled = now;
    settled.settle();
    return both(settled);
  }
  Valued known = value(name, now);
  Split split{std::move(known.yes), std::move(known.no)};
  States learned = known.unknown;
  learned.learn(*name.local, true);
  split.yes.add(learned);
  known.unknown.learn(*name.local, false);
  split.no.add(known.unknown);
  return split;
}

Split FlowWalk::branch(const Chain& chain, const States& now) {
  const Mark first = chain.links.front().mark;
  Split split;
  if (first == Mark::word_and || first == Mark::word_or) {
    split = branch(*chain.first, now);
  } else {
    split.yes = after(*chain.first, now);
  }
  for (const Chain::Link& link : chain.links) {
    if (link.mark == Mark::word_and) {
      Split right = branch(*link.operand, split.yes);
      split.yes = std::move(right.yes);
      split.no.add(right.no);
    } else if (link.mark == Mark::word_or) {
      Split right = branch(*link.operand, split.no);
      split.no = std::move(right.no);
      split.yes.add(right.yes);
    } else {
      split.yes.add(split.no);
      split.yes = after(*link.operand, split.yes);
      split.no = is_comparison(link.mark) ? split.yes : States();
      const auto* name = &link == &chain.links.front() ? chain.first->get_if<Name>() : nullptr;
      if (name == nullptr || name->local == nullptr || !remembered(*name->local) || !is_nil(*link.operand)) continue;
      // x == nil: true tells that x is no value; x ~= nil the other way round. (A false x is told apart from nil by neither.)
      Split known = branch(*name, now);
      if (link.mark == Mark::equal) split.yes = std::move(known.no);
      if (link.mark == Mark::not_equal) split.no = std::move(known.no);
    }
  }
  return split;
}

bool FlowWalk::lends(const Suffixed::Suffix& call) const {
  for (std::size_t i = 0; i < call.arguments.size(); ++i)
    if (givers_.lends(*call.arguments[i], i)) return true;
  return false;
}

Valued FlowWalk::value(const Suffixed& path, States now) {
  if (path.first->get_if<Name>() == nullptr) now = after(*path.first, now);
  Valued result{{}, {}, std::move(now)};
  for (std::size_t i = 0; i < path.suffixes.size(); ++i) {
    const Suffixed::Suffix& suffix = path.suffixes[i];
    now = result.all();
    if (now.empty()) return {};
    if (suffix.kind == Suffixed::Kind::call || suffix.kind == Suffixed::Kind::method) {
      result = called(path, i, std::move(now));
    } else {
      result = {{}, {}, suffix.index ? after(*suffix.index, now) : std::move(now)};
    }
  }
  return result;
}

/// The call that is the suffix at `place`.
Valued FlowWalk::called(const Suffixed& path, std::size_t place, States now) {
  const Suffixed::Suffix& call = path.suffixes[place];
  const auto* root = path.first->get_if<Name>();
  if (place == 0 && root != nullptr && call.kind == Suffixed::Kind::call) return called_by_name(*root, call, now);
  now = after(call.arguments, std::move(now));
  const bool of_local = root != nullptr && root->local != nullptr && root->local->kind == Local::Kind::variable;
  bool gives = lends(call) || (words_.strangers && (of_local || place > 0));
  if (call.kind == Suffixed::Kind::method) {
    gives = gives || givers_.gives_by_name(call.name);
  } else if (place == 0) {
    if (givers_.is_verdict(*path.first)) {
      now.settle();
      return {std::move(now), {}, {}};
    }
    gives = gives || givers_.gives_otherwise();
  } else if (const Suffixed::Suffix& callee = path.suffixes[place - 1]; callee.kind == Suffixed::Kind::field) {
    gives = gives || givers_.gives_by_name(callee.name);
  } else {
    gives = gives || givers_.gives_by_some_name();
  }
  if (gives) now.settle();
  return {{}, {}, std::move(now)};
}

Valued FlowWalk::called_by_name(const Name& callee, const Suffixed::Suffix& call, States now) {
  const bool global = callee.local == nullptr && !callee.own_globals;
  if (global && callee.text == "assert" && !call.arguments.empty()) {
    now = branch(*call.arguments.front(), now).yes;
    for (std::size_t i = 1; i < call.arguments.size(); ++i) now = after(*call.arguments[i], now);
    return {std::move(now), {}, {}};
  }
  now = after(call.arguments, std::move(now));
  if (global && words_.enders.contains(callee.text)) return {};
  if (global && words_.verdicts.contains(callee.text)) {
    now.settle();
    return {std::move(now), {}, {}};
  }
  const Function* function = function_of(callee);
  const bool unknown = callee.local != nullptr && function == nullptr;
  const bool gives =
      lends(call) || (unknown && (givers_.gives_otherwise() || words_.strangers)) ||
      (callee.local == nullptr && (givers_.gives_by_name(callee.text) || !words_.globals.contains(callee.text)));
  if (gives) now.settle();
  if (function == nullptr) return {{}, {}, std::move(now)};
  const Valued& result = results_[function];
  const auto behind = [&](const States& ends) {
    States out;
    for (const State& end : ends.all())
      for (State state : now.all()) {
        state.owed = state.owed && end.owed;
        out.add(std::move(state));
      }
    return out;
  };
  return {behind(result.yes), behind(result.no), behind(result.unknown)};
}

}  // namespace audit::syntax

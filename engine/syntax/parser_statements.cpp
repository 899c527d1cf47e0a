#include "syntax/parsing.hpp"

namespace audit::syntax {

bool Parsing::block_ends() const noexcept {
  switch (token_.mark) {
    case Mark::end_of_text:
    case Mark::word_else:
    case Mark::word_elseif:
    case Mark::word_end:
    case Mark::word_until: return true;
    default: return false;
  }
}

Statement Parsing::statement() {
  const Position begin = token_.at;
  switch (token_.mark) {
    case Mark::word_if: return {begin, if_statement()};
    case Mark::word_while: return {begin, while_statement()};
    case Mark::word_do: return {begin, do_statement()};
    case Mark::word_repeat: return {begin, repeat_statement()};
    case Mark::word_function: return {begin, function_statement()};
    case Mark::word_for:
      return std::visit(
          [&](auto&& loop) {
            return Statement{begin, std::forward<decltype(loop)>(loop)};
          },
          for_statement());
    case Mark::word_local:
      advance();
      if (const Position at_function = token_.at; take_if(Mark::word_function)) {
        Declared name = declared();
        return {begin, LocalFunction{std::move(name), function_body(at_function)}};
      }
      return {begin, local_statement()};
    case Mark::double_colon: {
      advance();
      Label label{take_name()};
      take(Mark::double_colon, "::");
      return {begin, std::move(label)};
    }
    case Mark::word_break: advance(); return {begin, Break{}};
    case Mark::word_goto: advance(); return {begin, Goto{take_name()}};
    default: return expression_statement(begin);
  }
}

If Parsing::if_statement() {
  If whole;
  const Position begin = token_.at;
  do {
    advance();
    If::Clause clause;
    clause.condition = expression();
    take(Mark::word_then, "then");
    clause.body = block();
    whole.clauses.push_back(std::move(clause));
  } while (at(Mark::word_elseif));
  if (take_if(Mark::word_else)) whole.otherwise = block();
  take_end(Mark::word_end, "end", "if", begin);
  return whole;
}

While Parsing::while_statement() {
  const Position begin = token_.at;
  advance();
  While loop;
  loop.condition = expression();
  take(Mark::word_do, "do");
  loop.body = block();
  take_end(Mark::word_end, "end", "while", begin);
  return loop;
}

Do Parsing::do_statement() {
  const Position begin = token_.at;
  advance();
  Do whole{block()};
  take_end(Mark::word_end, "end", "do", begin);
  return whole;
}

std::variant<NumericFor, GenericFor> Parsing::for_statement() {
  const Position begin = token_.at;
  advance();
  Declared first = declared();
  if (take_if(Mark::assign)) {
    NumericFor loop;
    loop.name = std::move(first);
    loop.bounds.push_back(expression());
    take(Mark::comma, ",");
    loop.bounds.push_back(expression());
    if (take_if(Mark::comma)) loop.bounds.push_back(expression());
    take(Mark::word_do, "do");
    loop.body = block();
    take_end(Mark::word_end, "end", "for", begin);
    return loop;
  }
  GenericFor loop;
  loop.names.push_back(std::move(first));
  while (take_if(Mark::comma)) loop.names.push_back(declared());
  if (!take_if(Mark::word_in)) expected("`=` or `in`");
  loop.values = expressions();
  take(Mark::word_do, "do");
  loop.body = block();
  take_end(Mark::word_end, "end", "for", begin);
  return loop;
}

Repeat Parsing::repeat_statement() {
  const Position begin = token_.at;
  advance();
  Repeat loop;
  loop.body = block();
  take_end(Mark::word_until, "until", "repeat", begin);
  loop.until = expression();
  return loop;
}

FunctionStatement Parsing::function_statement() {
  const Position begin = token_.at;
  advance();
  const Position name_at = token_.at;
  ExpressionPtr target = make(name_at, Name{take_name()});
  bool method = false;
  Suffixed path;
  while (!method && (at(Mark::dot) || at(Mark::colon))) {
    method = at(Mark::colon);
    advance();
    const Position field_at = token_.at;
    path.suffixes.push_back({Suffixed::Kind::field, field_at, take_name(), nullptr, {}});
  }
  if (!path.suffixes.empty()) {
    path.first = std::move(target);
    target = make(name_at, std::move(path));
  }
  FunctionStatement whole{std::move(target), function_body(begin)};
  whole.function->method = method;
  return whole;
}

LocalStatement Parsing::local_statement() {
  LocalStatement whole;
  do {
    Declared name = declared();
    name.attribute = attribute();
    whole.names.push_back(std::move(name));
  } while (take_if(Mark::comma));
  if (take_if(Mark::assign)) whole.values = expressions();
  return whole;
}

Attribute Parsing::attribute() {
  if (!take_if(Mark::less)) return Attribute::none;
  const Position begin = token_.at;
  const std::string name = take_name();
  if (name != "const" && name != "close")
    fail(begin, "there is no attribute `" + name + "`; there are const and close");
  take(Mark::greater, ">");
  return name == "const" ? Attribute::constant : Attribute::close;
}

Return Parsing::return_statement() {
  advance();
  Return whole;
  if (!block_ends() && !at(Mark::semicolon)) whole.values = expressions();
  take_if(Mark::semicolon);
  return whole;
}

Statement Parsing::expression_statement(Position begin) {
  ExpressionPtr first = suffixed();
  const auto* suffixes = first->get_if<Suffixed>();
  const auto kind = suffixes != nullptr ? suffixes->suffixes.back().kind : Suffixed::Kind::field;
  const bool call = kind == Suffixed::Kind::call || kind == Suffixed::Kind::method;
  if (call && !at(Mark::assign) && !at(Mark::comma)) return {begin, CallStatement{std::move(first)}};
  const auto check_target = [&](const Expression& target) {
    const auto* path = target.get_if<Suffixed>();
    const bool variable = path == nullptr ? target.get_if<Name>() != nullptr
                                          : path->suffixes.back().kind == Suffixed::Kind::field ||
                                                path->suffixes.back().kind == Suffixed::Kind::index;
    if (!variable) fail(token_.at, "only a call, or an assignment to a variable, is a statement");
  };
  check_target(*first);
  Assignment whole;
  whole.targets.push_back(std::move(first));
  while (take_if(Mark::comma)) {
    whole.targets.push_back(suffixed());
    check_target(*whole.targets.back());
  }
  if (!take_if(Mark::assign)) expected("`=` (a value alone is no statement)");
  whole.values = expressions();
  return {begin, std::move(whole)};
}

}  // namespace audit::syntax

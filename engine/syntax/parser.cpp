#include "syntax/parser.hpp"

#include "syntax/parsing.hpp"

namespace audit::syntax {
namespace {

struct Priority {
  int left = 0;  // 0: no operator
  int right = 0;
};

/// Reference manual section 3.4.8; of an operator that groups to the right, right is less than left.
Priority priority_of(Mark mark) noexcept {
  switch (mark) {
    case Mark::word_or: return {1, 1};
    case Mark::word_and: return {2, 2};
    case Mark::less:
    case Mark::greater:
    case Mark::less_equal:
    case Mark::greater_equal:
    case Mark::not_equal:
    case Mark::equal: return {3, 3};
    case Mark::bar: return {4, 4};
    case Mark::tilde: return {5, 5};
    case Mark::ampersand: return {6, 6};
    case Mark::shift_left:
    case Mark::shift_right: return {7, 7};
    case Mark::concat: return {9, 8};
    case Mark::plus:
    case Mark::minus: return {10, 10};
    case Mark::star:
    case Mark::slash:
    case Mark::double_slash:
    case Mark::percent: return {11, 11};
    case Mark::caret: return {14, 13};
    default: return {};
  }
}

constexpr int unary_priority = 12;

bool is_unary(Mark mark) noexcept {
  return mark == Mark::word_not || mark == Mark::minus || mark == Mark::tilde || mark == Mark::hash;
}

}  // namespace

class Parsing::Level {
 public:
  explicit Level(Parsing& parsing) : parsing_(parsing) {
    if (++parsing_.depth_ > deepest) parsing_.fail(parsing_.token_.at, "this nests too deeply");
  }
  ~Level() { --parsing_.depth_; }
  Level(const Level&) = delete;
  Level& operator=(const Level&) = delete;

 private:
  Parsing& parsing_;
};

void Parsing::fail(Position at, std::string what) const { throw SyntaxError{at, std::move(what)}; }

void Parsing::expected(const std::string& what) const {
  fail(token_.at, what + " is expected" + (at(Mark::end_of_text) ? ", and the text ends" : ""));
}

void Parsing::advance() {
  if (ahead_) {
    token_ = std::move(*ahead_);
    ahead_.reset();
  } else {
    token_ = lexer_.next();
  }
  if (lexer_.error()) throw SyntaxError(*lexer_.error());
}

Mark Parsing::peek() {
  if (!ahead_) ahead_ = lexer_.next();
  if (lexer_.error()) throw SyntaxError(*lexer_.error());
  return ahead_->mark;
}

bool Parsing::take_if(Mark mark) {
  if (!at(mark)) return false;
  advance();
  return true;
}

void Parsing::take(Mark mark, const char* spelling) {
  if (!take_if(mark)) expected(std::string("`") + spelling + "`");
}

void Parsing::take_end(Mark mark, const char* spelling, const char* opener, Position begin) {
  if (take_if(mark)) return;
  std::string what = std::string("`") + spelling + "`";
  if (begin.line != token_.at.line)
    what += std::string(" (to close `") + opener + "` at line " + std::to_string(begin.line) + ")";
  expected(what);
}

std::string Parsing::take_name() {
  if (!at(Mark::name)) expected("a name");
  std::string name = std::move(token_.text);
  advance();
  return name;
}

Declared Parsing::declared() {
  Declared one;
  one.at = token_.at;
  one.name = take_name();
  return one;
}

std::vector<ExpressionPtr> Parsing::expressions() {
  std::vector<ExpressionPtr> list;
  do list.push_back(expression());
  while (take_if(Mark::comma));
  return list;
}

/// An expression of operators that bind tighter than `above`.
ExpressionPtr Parsing::expression(int above) {
  const Level level(*this);
  const Position begin = token_.at;
  ExpressionPtr left;
  if (is_unary(token_.mark)) {
    const Mark mark = token_.mark;
    advance();
    left = make(begin, Unary{mark, expression(unary_priority)});
  } else {
    left = simple();
  }
  Chain chain;
  while (priority_of(token_.mark).left > above) {
    const Mark mark = token_.mark;
    advance();
    chain.links.push_back({mark, expression(priority_of(mark).right)});
  }
  if (chain.links.empty()) return left;
  chain.first = std::move(left);
  return make(begin, std::move(chain));
}

ExpressionPtr Parsing::simple() {
  const Position begin = token_.at;
  ExpressionPtr constant;
  switch (token_.mark) {
    case Mark::number: constant = make(begin, Number{token_.text}); break;
    case Mark::string: constant = make(begin, String{std::move(token_.text)}); break;
    case Mark::word_nil: constant = make(begin, Nil{}); break;
    case Mark::word_true: constant = make(begin, Boolean{true}); break;
    case Mark::word_false: constant = make(begin, Boolean{false}); break;
    case Mark::ellipsis:
      if (!varargs_) fail(begin, "`...` stands only in a function whose parameters end with `...`");
      constant = make(begin, Varargs{});
      break;
    case Mark::left_brace: return table();
    case Mark::word_function: advance(); return make(begin, FunctionValue{function_body(begin)});
    default: return suffixed();
  }
  advance();
  return constant;
}

ExpressionPtr Parsing::suffixed() {
  const Position begin = token_.at;
  ExpressionPtr first = primary();
  Suffixed whole;
  while (true) {
    Suffixed::Suffix suffix{Suffixed::Kind::field, token_.at, {}, nullptr, {}};
    switch (token_.mark) {
      case Mark::dot:
        advance();
        suffix.at = token_.at;
        suffix.name = take_name();
        break;
      case Mark::left_bracket:
        advance();
        suffix.kind = Suffixed::Kind::index;
        suffix.index = expression();
        take(Mark::right_bracket, "]");
        break;
      case Mark::colon:
        advance();
        suffix.kind = Suffixed::Kind::method;
        suffix.at = token_.at;
        suffix.name = take_name();
        suffix.arguments = arguments();
        break;
      case Mark::left_parenthesis:
      case Mark::string:
      case Mark::left_brace:
        suffix.kind = Suffixed::Kind::call;
        suffix.arguments = arguments();
        break;
      default:
        if (whole.suffixes.empty()) return first;
        whole.first = std::move(first);
        return make(begin, std::move(whole));
    }
    whole.suffixes.push_back(std::move(suffix));
  }
}

ExpressionPtr Parsing::primary() {
  const Position begin = token_.at;
  if (at(Mark::name)) return make(begin, Name{take_name()});
  if (!take_if(Mark::left_parenthesis)) expected("an expression");
  ExpressionPtr inside = expression();
  take_end(Mark::right_parenthesis, ")", "(", begin);
  return make(begin, Parenthesised{std::move(inside)});
}

std::vector<ExpressionPtr> Parsing::arguments() {
  std::vector<ExpressionPtr> list;
  const Position begin = token_.at;
  if (at(Mark::string)) {
    list.push_back(make(begin, String{std::move(token_.text)}));
    advance();
  } else if (at(Mark::left_brace)) {
    list.push_back(table());
  } else {
    take(Mark::left_parenthesis, "(");
    if (!at(Mark::right_parenthesis)) list = expressions();
    take_end(Mark::right_parenthesis, ")", "(", begin);
  }
  return list;
}

ExpressionPtr Parsing::table() {
  const Position begin = token_.at;
  take(Mark::left_brace, "{");
  Table table;
  while (!at(Mark::right_brace)) {
    table.fields.push_back(field());
    if (!take_if(Mark::comma) && !take_if(Mark::semicolon)) break;
  }
  take_end(Mark::right_brace, "}", "{", begin);
  return make(begin, std::move(table));
}

Table::Field Parsing::field() {
  Table::Field one;
  one.at = token_.at;
  if (at(Mark::name) && peek() == Mark::assign) {
    one.name = take_name();
    take(Mark::assign, "=");
  } else if (take_if(Mark::left_bracket)) {
    one.key = expression();
    take(Mark::right_bracket, "]");
    take(Mark::assign, "=");
  }
  one.value = expression();
  return one;
}

std::unique_ptr<Function> Parsing::function_body(Position begin) {
  auto function = std::make_unique<Function>();
  function->at = begin;
  take(Mark::left_parenthesis, "(");
  parameters(*function);
  take(Mark::right_parenthesis, ")");
  const bool outside = varargs_;
  varargs_ = function->varargs;
  function->body = block();
  varargs_ = outside;
  take_end(Mark::word_end, "end", "function", begin);
  return function;
}

void Parsing::parameters(Function& function) {
  if (at(Mark::right_parenthesis)) return;
  do {
    if (take_if(Mark::ellipsis)) {
      function.varargs = true;
      return;
    }
    function.parameters.push_back(declared());
  } while (take_if(Mark::comma));
}

std::unique_ptr<Function> Parsing::chunk() {
  auto function = std::make_unique<Function>();
  function->at = Position{};
  function->varargs = true;
  function->body = block();
  if (!at(Mark::end_of_text)) expected("the end of the text");
  return function;
}

/// Statements nest too, and their levels count with those of expressions.
Block Parsing::block() {
  Block all;
  while (!block_ends()) {
    if (at(Mark::word_return)) {
      const Position begin = token_.at;
      all.statements.push_back({begin, return_statement()});
      break;
    }
    if (take_if(Mark::semicolon)) continue;
    const Level level(*this);
    all.statements.push_back(statement());
  }
  all.end = token_.at;
  return all;
}

std::variant<std::unique_ptr<Function>, SyntaxError> parse(std::string_view text) {
  try {
    return Parsing(text).chunk();
  } catch (SyntaxError& error) {
    return std::move(error);
  }
}

}  // namespace audit::syntax

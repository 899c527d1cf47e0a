#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "syntax/token.hpp"

// A Lua 5.4 text as a tree (reference manual section 9). What chains to the left without nesting, operators and
// suffixes, is a list, so that no depth grows but what the parser bounds.

namespace audit::syntax {

struct Expression;
struct Function;
struct Local;  // scopes.hpp
using ExpressionPtr = std::unique_ptr<Expression>;

struct Nil {};
struct Boolean {
  bool value;
};
struct Number {
  std::string text;
};
struct String {
  std::string bytes;
};
struct Varargs {};
struct Name {
  std::string text;
  Local* local = nullptr;    // null: a global; set by resolve()
  bool own_globals = false;  // a global of an `_ENV` that the text itself declares
};
struct Parenthesised {
  ExpressionPtr inside;
};
struct Unary {
  Mark mark;
  ExpressionPtr operand;
};
/// `first`, then each operator with what is to its right, from left to right. All `and`, `or` and the others alike.
struct Chain {
  struct Link {
    Mark mark;
    ExpressionPtr operand;
  };
  ExpressionPtr first;
  std::vector<Link> links;
};
struct FunctionValue {
  std::unique_ptr<Function> function;
};
struct Table {
  struct Field {
    Position at;
    std::string name;   // { name = value }
    ExpressionPtr key;  // { [key] = value }; neither: an item
    ExpressionPtr value;
  };
  std::vector<Field> fields;
};
/// A name, or an expression in parentheses, and what is asked of it: a.b, a[b], a(b), a:b(c).
struct Suffixed {
  enum class Kind : std::uint8_t { field, index, call, method };
  struct Suffix {
    Kind kind;
    Position at;
    std::string name;  // of a field or a method
    ExpressionPtr index;
    std::vector<ExpressionPtr> arguments;  // of a call or a method
  };
  ExpressionPtr first;
  std::vector<Suffix> suffixes;  // at least one
};

struct Expression {
  Position at;
  std::variant<Nil, Boolean, Number, String, Varargs, Name, Parenthesised, Unary, Chain, FunctionValue, Table, Suffixed>
      what;
  template <class T>
  [[nodiscard]] T* get_if() noexcept {
    return std::get_if<T>(&what);
  }
  template <class T>
  [[nodiscard]] const T* get_if() const noexcept {
    return std::get_if<T>(&what);
  }
};

struct Statement;
struct Block {
  std::vector<Statement> statements;
  Position end;  // the word that ends it, or the end of the text
};

enum class Attribute : std::uint8_t { none, constant, close };

/// A name where it is declared.
struct Declared {
  Position at;
  std::string name;
  Attribute attribute = Attribute::none;
  Local* local = nullptr;  // set by resolve()
};

struct Function {
  Position at;  // the word `function`
  std::vector<Declared> parameters;
  bool method = false;  // has a `self` before its parameters
  Local* self = nullptr;
  bool varargs = false;
  Block body;
};

struct LocalStatement {
  std::vector<Declared> names;
  std::vector<ExpressionPtr> values;
};
struct LocalFunction {
  Declared name;
  std::unique_ptr<Function> function;
};
/// function a.b:c() … end
struct FunctionStatement {
  ExpressionPtr target;
  std::unique_ptr<Function> function;
};
struct Assignment {
  std::vector<ExpressionPtr> targets;
  std::vector<ExpressionPtr> values;
};
struct CallStatement {
  ExpressionPtr call;
};
struct Do {
  Block body;
};
struct While {
  ExpressionPtr condition;
  Block body;
};
struct Repeat {
  Block body;
  ExpressionPtr until;
};
struct If {
  struct Clause {
    ExpressionPtr condition;
    Block body;
  };
  std::vector<Clause> clauses;
  std::optional<Block> otherwise;
};
struct NumericFor {
  Declared name;
  std::vector<ExpressionPtr> bounds;  // two or three
  Block body;
};
struct GenericFor {
  std::vector<Declared> names;
  std::vector<ExpressionPtr> values;
  Block body;
};
struct Return {
  std::vector<ExpressionPtr> values;
};
struct Break {};
struct Label {
  std::string name;
  bool used = false;  // set by resolve()
};
struct Goto {
  std::string name;
  const Label* target = nullptr;  // set by resolve()
};

struct Statement {
  Position at;
  std::variant<LocalStatement, LocalFunction, FunctionStatement, Assignment, CallStatement, Do, While, Repeat, If,
               NumericFor, GenericFor, Return, Break, Label, Goto>
      what;
};

}  // namespace audit::syntax

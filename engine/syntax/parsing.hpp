#pragma once

#include <string>
#include <vector>

#include "syntax/lexer.hpp"
#include "syntax/tree.hpp"

namespace audit::syntax {

/// The parser while it runs: one token ahead, two where a table needs it. An error is thrown within and never leaves
/// parse().
class Parsing {
 public:
  explicit Parsing(std::string_view text) : lexer_(text) { advance(); }
  [[nodiscard]] std::unique_ptr<Function> chunk();

 private:
  /// Counts one level of nesting while it lives.
  class Level;

  [[noreturn]] void fail(Position at, std::string what) const;
  [[noreturn]] void expected(const std::string& what) const;
  void advance();
  [[nodiscard]] Mark peek();
  [[nodiscard]] bool at(Mark mark) const noexcept { return token_.mark == mark; }
  bool take_if(Mark mark);
  void take(Mark mark, const char* spelling);
  /// As take, of the word that closes what `opener` at `begin` opened.
  void take_end(Mark mark, const char* spelling, const char* opener, Position begin);
  std::string take_name();
  Declared declared();

  // parser_statements.cpp
  Block block();
  Statement statement();
  If if_statement();
  While while_statement();
  Do do_statement();
  std::variant<NumericFor, GenericFor> for_statement();
  Repeat repeat_statement();
  FunctionStatement function_statement();
  LocalStatement local_statement();
  Attribute attribute();
  Return return_statement();
  Statement expression_statement(Position begin);
  [[nodiscard]] bool block_ends() const noexcept;

  // parser.cpp
  std::vector<ExpressionPtr> expressions();
  ExpressionPtr expression(int above = 0);
  ExpressionPtr simple();
  ExpressionPtr suffixed();
  ExpressionPtr primary();
  std::vector<ExpressionPtr> arguments();
  ExpressionPtr table();
  Table::Field field();
  std::unique_ptr<Function> function_body(Position begin);
  void parameters(Function& function);

  Lexer lexer_;
  Token token_;
  std::optional<Token> ahead_;
  int depth_ = 0;
  bool varargs_ = true;  // may `...` stand here
};

template <class T>
ExpressionPtr make(Position at, T what) {
  return std::make_unique<Expression>(Expression{at, std::move(what)});
}

}  // namespace audit::syntax

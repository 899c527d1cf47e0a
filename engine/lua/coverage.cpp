#include "lua/coverage.hpp"

#include <algorithm>
#include <set>

#include "syntax/parser.hpp"

namespace audit::lua {
namespace {

using namespace syntax;

/// Gathers the lines. What Lua folds into its neighbours (`break`, constants, the closure of a `local function`, which it
/// makes at the `end`) is no line of its own.
class Lines {
 public:
  void block(const Block& block) {
    for (const Statement& one : block.statements) statement(one);
  }

  std::set<std::uint32_t> found;

 private:
  static bool is_constant(const Expression& value) {
    return value.get_if<Nil>() != nullptr || value.get_if<Boolean>() != nullptr || value.get_if<Number>() != nullptr ||
           value.get_if<String>() != nullptr;
  }

  static bool makes_closure(const Expression& value) { return value.get_if<FunctionValue>() != nullptr; }

  void add_first(const std::vector<ExpressionPtr>& values) {
    if (!values.empty() && !makes_closure(*values.front())) found.insert(values.front()->at.line);
  }

  void all(const std::vector<ExpressionPtr>& values) {
    for (const ExpressionPtr& value : values) expression(*value);
  }

  void condition(const Expression& value) {
    if (!is_constant(value)) found.insert(value.at.line);
    expression(value);
  }

  void statement(const Statement& one) {
    std::visit([&](const auto& what) { of(one, what); }, one.what);
  }

  void of(const Statement& /*one*/, const LocalStatement& what) {
    const bool folded =
        std::all_of(what.values.begin(), what.values.end(), [](const auto& v) { return is_constant(*v); });
    if (!folded) add_first(what.values);
    all(what.values);
  }
  void of(const Statement& /*one*/, const LocalFunction& what) { block(what.function->body); }
  void of(const Statement& one, const FunctionStatement& what) {
    found.insert(one.at.line);
    block(what.function->body);
  }
  void of(const Statement& /*one*/, const Assignment& what) {
    add_first(what.values);
    all(what.targets);
    all(what.values);
  }
  void of(const Statement& one, const CallStatement& what) {
    found.insert(one.at.line);
    expression(*what.call);
  }
  void of(const Statement& /*one*/, const Do& what) { block(what.body); }
  void of(const Statement& /*one*/, const While& what) {
    condition(*what.condition);
    block(what.body);
  }
  void of(const Statement& /*one*/, const Repeat& what) {
    block(what.body);
    condition(*what.until);
  }
  void of(const Statement& /*one*/, const If& what) {
    for (const If::Clause& clause : what.clauses) {
      condition(*clause.condition);
      block(clause.body);
    }
    if (what.otherwise) block(*what.otherwise);
  }
  void of(const Statement& one, const NumericFor& what) {
    found.insert(one.at.line);
    all(what.bounds);
    block(what.body);
  }
  void of(const Statement& one, const GenericFor& what) {
    found.insert(one.at.line);
    all(what.values);
    block(what.body);
  }
  void of(const Statement& one, const Return& what) {
    if (what.values.empty()) found.insert(one.at.line);
    add_first(what.values);
    all(what.values);
  }
  void of(const Statement& /*one*/, const Break& /*what*/) {}
  void of(const Statement& /*one*/, const Label& /*what*/) {}
  void of(const Statement& /*one*/, const Goto& /*what*/) {}

  /// Only what functions within it hold.
  void expression(const Expression& value) {
    if (const auto* inside = value.get_if<Parenthesised>()) expression(*inside->inside);
    if (const auto* unary = value.get_if<Unary>()) expression(*unary->operand);
    if (const auto* function = value.get_if<FunctionValue>()) block(function->function->body);
    if (const auto* chain = value.get_if<Chain>()) {
      expression(*chain->first);
      for (const Chain::Link& link : chain->links) expression(*link.operand);
    }
    if (const auto* table = value.get_if<Table>())
      for (const Table::Field& field : table->fields) {
        if (field.key) expression(*field.key);
        expression(*field.value);
      }
    const auto* path = value.get_if<Suffixed>();
    if (path == nullptr) return;
    expression(*path->first);
    for (const Suffixed::Suffix& suffix : path->suffixes) {
      if (suffix.index) expression(*suffix.index);
      all(suffix.arguments);
    }
  }
};

}  // namespace

LineCount::LineCount(const std::string& path, std::string_view text)
    : chunk("@" + path), times(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 2) {}

std::vector<std::uint32_t> lines_with_code(std::string_view text) {
  constexpr std::string_view mark = "\xef\xbb\xbf";
  if (text.starts_with(mark)) text.remove_prefix(mark.size());
  const auto parsed = parse(text);
  const auto* tree = std::get_if<std::unique_ptr<Function>>(&parsed);
  if (tree == nullptr) return {};
  Lines lines;
  lines.block((*tree)->body);
  return {lines.found.begin(), lines.found.end()};
}

}  // namespace audit::lua

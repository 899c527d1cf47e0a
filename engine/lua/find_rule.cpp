#include "lua/find_rule.hpp"

#include "syntax/parser.hpp"

namespace audit::lua {
namespace {

using namespace syntax;

/// The table of `rule { … }`, or null.
const Table* table_of(const Expression& expression) {
  const auto* path = expression.get_if<Suffixed>();
  if (path == nullptr || path->suffixes.size() != 1) return nullptr;
  const auto* name = path->first->get_if<Name>();
  const Suffixed::Suffix& call = path->suffixes.front();
  if (name == nullptr || name->local != nullptr || name->text != "rule" || call.kind != Suffixed::Kind::call ||
      call.arguments.size() != 1)
    return nullptr;
  const Expression& given = *call.arguments.front();
  if (const auto* table = given.get_if<Table>()) return table;
  const auto* variable = given.get_if<Name>();
  const bool constant = variable != nullptr && variable->local != nullptr && variable->local->writes == 0;
  return constant && variable->local->value != nullptr ? variable->local->value->get_if<Table>() : nullptr;
}

/// The values of statements of the file itself: what it returns, and what its locals are declared with.
std::vector<const Expression*> values_of(const Function& tree) {
  std::vector<const Expression*> values;
  const auto take = [&](const std::vector<ExpressionPtr>& list) {
    for (const ExpressionPtr& one : list) values.push_back(one.get());
  };
  for (const Statement& statement : tree.body.statements) {
    if (const auto* result = std::get_if<Return>(&statement.what)) take(result->values);
    if (const auto* local = std::get_if<LocalStatement>(&statement.what)) take(local->values);
  }
  return values;
}

const Function* function_at(const Expression& value) {
  if (const auto* function = value.get_if<FunctionValue>()) return function->function.get();
  const auto* name = value.get_if<Name>();
  return name != nullptr && name->local != nullptr && name->local->writes == 0 ? name->local->function : nullptr;
}

}  // namespace

FoundRule find_rule(const Function& tree) {
  FoundRule found;
  for (const Expression* value : values_of(tree)) {
    const Table* table = table_of(*value);
    if (table == nullptr) continue;
    found.at = value->at;
    for (const Table::Field& field : table->fields) {
      const auto* text = field.value->get_if<String>();
      const auto* key = field.key ? field.key->get_if<String>() : nullptr;
      const std::string& name = key != nullptr ? key->bytes : field.name;
      if (name == "id" && text != nullptr) found.id = text->bytes;
      if (name == "check") found.check = function_at(*field.value);
      if (name == "collect") found.collect = function_at(*field.value);
      found.fields.try_emplace(name, field.at);
    }
    break;
  }
  return found;
}

FoundRule find_rule(std::string_view text) {
  auto parsed = parse(text);
  auto* tree = std::get_if<std::unique_ptr<Function>>(&parsed);
  if (tree == nullptr || std::holds_alternative<SyntaxError>(resolve(**tree))) return {};
  FoundRule found = find_rule(**tree);
  found.check = nullptr;  // gone with the tree
  found.collect = nullptr;
  return found;
}

}  // namespace audit::lua

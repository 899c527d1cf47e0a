#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/text.hpp"
#include "inventory/layer.hpp"

namespace audit::inventory {
namespace {

constexpr std::size_t longest_shown = 80;

std::string format_value(const Value& value) {
  if (const auto* truth = value.get_if<bool>()) return *truth ? "true" : "false";
  if (const auto* whole = value.get_if<std::int64_t>()) return fmt::format("{}", *whole);
  if (const auto* real = value.get_if<double>()) return fmt::format("{:#}", *real);
  if (const auto* text = value.get_if<std::string>()) return literal(*text);
  std::string list;
  if (const auto* items = value.get_if<Value::Array>())
    for (const Value& item : *items) list += (list.empty() ? "" : ", ") + format_value(item);
  return fmt::format("[{}]", list);
}

/// A scalar; `in_list` where it is an item of one.
std::optional<Value> read_scalar(Mistakes& mistakes, const Node& node) {
  if (const auto* truth = node.get_if<bool>()) return Value(*truth);
  if (const auto* whole = node.get_if<std::int64_t>()) return Value(*whole);
  if (const auto* text = node.get_if<std::string>()) return Value(*text);
  const auto* real = node.get_if<double>();
  if (real != nullptr && std::isfinite(*real)) return Value(*real);
  if (real != nullptr)
    mistakes.add(node.at, "a parameter has to be a finite number");
  else if (node.get_if<Date>() != nullptr)
    mistakes.add(node.at, "a parameter cannot be a date; write it as text, in quotes");
  else
    mistakes.add(node.at,
                 fmt::format("a list of a parameter holds numbers, texts and truths; this is {}", kind_of(node)));
  return std::nullopt;
}

std::optional<Value> read_value(Mistakes& mistakes, const Node& node) {
  const auto* list = node.get_if<NodeList>();
  if (list == nullptr) return read_scalar(mistakes, node);
  Value::Array items;
  for (const Node& item : *list) {
    auto value = read_scalar(mistakes, item);
    if (!value) return std::nullopt;
    items.push_back(std::move(*value));
  }
  return Value(std::move(items));
}

/// A text, or a list with one in it.
bool is_text(const Value& value) {
  if (const auto* list = value.get_if<Value::Array>()) return std::any_of(list->begin(), list->end(), is_text);
  return value.get_if<std::string>() != nullptr;
}

void read_rule(Mistakes& mistakes, const KeyValue& rule, const NodeTable& table, std::vector<Written>& written,
               std::vector<ParamPlace>& params) {
  for (const KeyValue& param : table) {
    if (param.node.get_if<NodeTable>() != nullptr) {
      mistakes.add(rule.at, fmt::format("a rule's id stands in quotes: write params.\"{}.{}\"",
                                        visible(rule.key, longest_shown), visible(param.key, longest_shown)));
      return;
    }
    auto value = read_value(mistakes, param.node);
    if (!value) continue;
    if (is_text(*value) && names_a_secret(param.key)) {
      mistakes.add(param.at, fmt::format("{} of {} looks like a secret, and none is written into an inventory; name it "
                                         "in [credentials.NAME] with env, file or command",
                                         visible(param.key, longest_shown), visible(rule.key, longest_shown)));
      continue;
    }
    params.push_back({rule.key, param.key, mistakes.place(param.at)});
    written.push_back({fmt::format("params.{}.{}", literal(rule.key), literal(param.key)), format_value(*value),
                       param.at, [rule_id = rule.key, key = param.key, value = *value](Draft& draft) {
                         draft.settings.params[rule_id][key] = value;
                       }});
  }
}

}  // namespace

void read_params(Mistakes& mistakes, const KeyValue& member, std::vector<Written>& written,
                 std::vector<ParamPlace>& params) {
  const NodeTable* rules = read_table(mistakes, member, "[params.\"RULE.ID\"]");
  if (rules == nullptr) return;
  for (const KeyValue& rule : *rules) {
    if (const auto* table = rule.node.get_if<NodeTable>()) {
      read_rule(mistakes, rule, *table, written, params);
    } else {
      mistakes.add(rule.at, fmt::format("parameters stand below their rule's id: [params.\"RULE.ID\"] and then {} = …",
                                        visible(rule.key, longest_shown)));
    }
  }
}

}  // namespace audit::inventory

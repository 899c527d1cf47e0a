#include "inventory/toml_tree.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <utility>

#include "inventory/syntax_error.hpp"

namespace audit::inventory {
namespace {

Position position_of(const toml::source_region& source, std::uint32_t file) {
  return {source.begin.line, source.begin.column, file};
}

Node take(toml::node& from, std::uint32_t file);

NodeList take_list(toml::array& array, std::uint32_t file) {
  NodeList list;
  list.reserve(array.size());
  for (toml::node& element : array) list.push_back(take(element, file));
  return list;
}

NodeTable take_table(toml::table& table, std::uint32_t file) {
  NodeTable members;
  members.reserve(table.size());
  for (auto&& [key, element] : table)
    members.push_back({std::string(key.str()), position_of(key.source(), file), take(element, file)});
  std::sort(members.begin(), members.end(), [](const KeyValue& a, const KeyValue& b) { return a.at < b.at; });
  return members;
}

Date take_date(const toml::date& date) {
  const std::chrono::year_month_day day{std::chrono::year(date.year), std::chrono::month(date.month),
                                        std::chrono::day(date.day)};
  return day.ok() ? Date{Day(day)} : Date{};
}

Node take(toml::node& from, std::uint32_t file) {
  Node node{position_of(from.source(), file), Date{}};
  if (auto* text = from.as_string())
    node.value = std::move(text->get());
  else if (const auto* whole = from.as_integer())
    node.value = whole->get();
  else if (const auto* real = from.as_floating_point())
    node.value = real->get();
  else if (const auto* truth = from.as_boolean())
    node.value = truth->get();
  else if (const auto* date = from.as_date())
    node.value = take_date(date->get());
  else if (auto* list = from.as_array())
    node.value = take_list(*list, file);
  else if (auto* table = from.as_table())
    node.value = take_table(*table, file);
  return node;
}

}  // namespace

const KeyValue* find(const NodeTable& table, std::string_view key) noexcept {
  const auto found =
      std::find_if(table.begin(), table.end(), [&](const KeyValue& member) { return member.key == key; });
  return found == table.end() ? nullptr : &*found;
}

std::string_view kind_of(const Node& node) noexcept {
  if (const auto* date = node.get_if<Date>(); date != nullptr && !date->day) return "a time";
  constexpr std::array<std::string_view, 7> names{"true or false", "a whole number", "a number", "text",
                                                  "a date",        "a list",         "a table"};
  return names[node.value.index()];
}

std::optional<NodeTable> parse_toml(std::string_view text, Mistakes& mistakes, std::uint32_t file, bool shown) {
  try {
    toml::table root = toml::parse(text);
    return take_table(root, file);
  } catch (const toml::parse_error& error) {
    SyntaxError reworded = reword(text, position_of(error.source(), file), error.description(), shown);
    reworded.at.file = file;
    mistakes.add(reworded.at, reworded.message);
    return std::nullopt;
  }
}

}  // namespace audit::inventory

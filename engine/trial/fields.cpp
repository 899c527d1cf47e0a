#include "trial/fields.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"

namespace audit::trial {
namespace {

bool is_number(std::string_view key) {
  return !key.empty() && key.size() < 10 && key.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

Fields::Fields(const std::string& place, std::string_view word, const Value& table, std::vector<std::string>& mistakes)
    : place_(place), word_(word), table_(table), mistakes_(mistakes) {
  const bool table_given = table.get_if<Value::Object>() != nullptr || table.get_if<Value::Array>() != nullptr;
  if (!table_given) complain("", "is to be a table");
}

bool Fields::has(std::string_view name) const { return table_.find(name) != nullptr; }

const Value* Fields::take(std::string_view name) {
  taken_.emplace_back(name);
  return table_.find(name);
}

void Fields::complain(std::string_view name, const std::string& what) {
  mistakes_.push_back(name.empty() ? fmt::format("{}: {} {}", place_, word_, what)
                                   : fmt::format("{}: {}: `{}` {}", place_, word_, visible(name), what));
}

std::optional<std::string> Fields::text(std::string_view name) {
  const Value* value = take(name);
  if (value == nullptr) return std::nullopt;
  if (const auto* text = value->get_if<std::string>()) return *text;
  complain(name, "is to be a string");
  return std::nullopt;
}

std::vector<std::string> Fields::texts(std::string_view name) {
  const Value* value = take(name);
  if (value == nullptr) return {};
  if (const auto* text = value->get_if<std::string>()) return {*text};
  std::vector<std::string> found;
  if (const auto* list = value->get_if<Value::Array>()) {
    for (const Value& one : *list)
      if (const auto* text = one.get_if<std::string>()) found.push_back(*text);
    if (found.size() == list->size()) return found;
  }
  complain(name, "is to be a string or a list of strings");
  return {};
}

std::optional<bool> Fields::flag(std::string_view name) {
  const Value* value = take(name);
  if (value == nullptr) return std::nullopt;
  if (const auto* flag = value->get_if<bool>()) return *flag;
  complain(name, "is to be true or false");
  return std::nullopt;
}

std::optional<std::int64_t> Fields::integer(std::string_view name, std::int64_t least, std::int64_t most) {
  const Value* value = take(name);
  if (value == nullptr) return std::nullopt;
  const auto* number = value->get_if<std::int64_t>();
  if (number != nullptr && *number >= least && *number <= most) return *number;
  complain(name, fmt::format("is to be a whole number from {} to {}", least, most));
  return std::nullopt;
}

Duration Fields::seconds(std::string_view name) {
  const Value* value = take(name);
  if (value == nullptr) return {};
  constexpr double longest = 86'400;
  double given = -1;
  if (const auto* whole = value->get_if<std::int64_t>()) given = static_cast<double>(*whole);
  if (const auto* real = value->get_if<double>()) given = *real;
  if (given >= 0 && given <= longest) return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(given));
  complain(name, "is to be seconds, from 0 to 86400");
  return {};
}

std::size_t Fields::choice(std::string_view name, const std::vector<std::string_view>& words, std::size_t fallback) {
  const Value* value = take(name);
  if (value == nullptr) return fallback;
  const auto* word = value->get_if<std::string>();
  for (std::size_t i = 0; word != nullptr && i < words.size(); ++i)
    if (words[i] == *word) return i;
  const std::string_view close = word != nullptr ? nearest(*word, words) : std::string_view();
  complain(name, fmt::format("is to be one of {}{}", fmt::join(words, ", "),
                             close.empty() ? std::string() : fmt::format("; did you mean `{}`?", close)));
  return fallback;
}

std::vector<const Value*> Fields::items() {
  std::vector<const Value*> items;
  if (const auto* list = table_.get_if<Value::Array>())
    for (const Value& one : *list) items.push_back(&one);
  if (table_.get_if<Value::Object>() == nullptr) return items;
  for (std::size_t i = 1;; ++i) {
    const Value* one = table_.find(std::to_string(i));
    if (one == nullptr) return items;
    items.push_back(one);
  }
}

void Fields::finish() {
  const auto* object = table_.get_if<Value::Object>();
  if (object == nullptr) return;
  const std::vector<std::string_view> known(taken_.begin(), taken_.end());
  for (const auto& [name, value] : *object) {
    if (is_number(name) || std::find(known.begin(), known.end(), name) != known.end()) continue;
    const std::string_view close = nearest(name, known);
    complain(name, close.empty() ? fmt::format("is not known here; there are {}", fmt::join(known, ", "))
                                 : fmt::format("is not known here; did you mean `{}`?", close));
  }
}

std::optional<std::int64_t> function_of(const Value& value) {
  const auto* object = value.get_if<Value::Object>();
  if (object == nullptr || object->size() != 1) return std::nullopt;
  const Value* number = value.find("function");
  const auto* found = number != nullptr ? number->get_if<std::int64_t>() : nullptr;
  return found != nullptr ? std::optional<std::int64_t>(*found) : std::nullopt;
}

}  // namespace audit::trial

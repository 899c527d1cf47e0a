#include "probe/options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.hpp"
#include "probe/sealed.hpp"

namespace audit::probe {

const Value* Options::take(std::string_view key) {
  known_.push_back(key);
  const auto found = table_.find(key);
  return found == table_.end() ? nullptr : &found->second;
}

void Options::complain(std::string_view key, std::string_view expected) {
  const auto found = table_.find(key);
  const bool sealed = found != table_.end() && is_mark(found->second);
  if (mistake_.empty())
    mistake_ = sealed ? fmt::format("{}: option `{}` takes no credential: it must be {}", word_, key, expected)
                      : fmt::format("{}: option `{}` must be {}", word_, key, expected);
}

Duration Options::seconds(std::string_view key, Duration fallback) {
  constexpr double longest = 300;
  const Value* value = take(key);
  if (value == nullptr) return fallback;
  double number = -1;
  if (const auto* real = value->get_if<double>()) number = *real;
  if (const auto* whole = value->get_if<std::int64_t>()) number = static_cast<double>(*whole);
  if (!(number > 0 && number <= longest)) {
    complain(key, "a number of seconds above 0 and up to 300");
    return fallback;
  }
  return Duration(std::llround(number * 1e9));
}

std::int64_t Options::integer(std::string_view key, std::int64_t fallback, std::int64_t least, std::int64_t most) {
  const Value* value = take(key);
  if (value == nullptr) return fallback;
  const auto* number = value->get_if<std::int64_t>();
  if (number == nullptr || *number < least || *number > most) {
    complain(key, fmt::format("an integer from {} to {}", least, most));
    return fallback;
  }
  return *number;
}

std::string Options::text(std::string_view key, std::string fallback) {
  const Value* value = take(key);
  if (value == nullptr) return fallback;
  const auto* text = value->get_if<std::string>();
  if (text == nullptr) {
    complain(key, "a string");
    return fallback;
  }
  return *text;
}

std::string Options::text_or_sealed(std::string_view key, std::optional<std::size_t>& number) {
  const auto found = table_.find(key);
  if (found == table_.end() || !is_mark(found->second)) return text(key, "");
  known_.push_back(key);
  number = number_of(found->second);
  return "";
}

std::vector<std::string> Options::texts(std::string_view key) {
  const Value* value = take(key);
  std::vector<std::string> list;
  if (value == nullptr) return list;
  if (const auto* text = value->get_if<std::string>()) list.push_back(*text);
  if (const auto* array = value->get_if<Value::Array>())
    for (const Value& item : *array)
      if (const auto* text = item.get_if<std::string>()) list.push_back(*text);
  const auto* array = value->get_if<Value::Array>();
  if (array != nullptr ? list.size() != array->size() : list.empty()) complain(key, "a string or a list of strings");
  return list;
}

bool Options::flag(std::string_view key, bool fallback) {
  const Value* value = take(key);
  if (value == nullptr) return fallback;
  const auto* flag = value->get_if<bool>();
  if (flag == nullptr) {
    complain(key, "true or false");
    return fallback;
  }
  return *flag;
}

Value::Object Options::object(std::string_view key) {
  const Value* value = take(key);
  if (value == nullptr) return {};
  if (const auto* object = value->get_if<Value::Object>(); object != nullptr && !is_mark(*value)) return *object;
  const auto* array = value->get_if<Value::Array>();
  if (array == nullptr || !array->empty()) complain(key, "a table of names and values");
  return {};
}

Result<void> Options::done() {
  for (const auto& [key, value] : table_) {
    if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
    const std::string_view close = nearest(key, known_);
    if (mistake_.empty())
      mistake_ = fmt::format("{}: no option `{}`; {}", word_, visible(key),
                             close.empty() ? fmt::format("there are {}", fmt::join(known_, ", "))
                                           : fmt::format("did you mean `{}`?", close));
  }
  if (mistake_.empty()) return {};
  return Error(Reason::rule_error, mistake_);
}

}  // namespace audit::probe

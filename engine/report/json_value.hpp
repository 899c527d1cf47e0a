#pragma once

#include <concepts>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "base/value.hpp"
#include "report/json_stream.hpp"

namespace audit::report {

/// A string or a name from anywhere, as `visible` text.
void put_string(JsonWriter& json, std::string_view bytes);
/// Numbers that JSON lacks become "nan", "inf", "-inf".
void put_number(JsonWriter& json, double number);
void put_value(JsonWriter& json, const Value& value);
void put_items(JsonWriter& json, const std::vector<std::string>& items);

// Members of an object, `name` being one of ours.
void put(JsonWriter& json, std::string_view name, std::string_view bytes);
void put(JsonWriter& json, std::string_view name, std::uint64_t number);
void put(JsonWriter& json, std::string_view name, double number);
void put(JsonWriter& json, std::string_view name, bool yes) = delete;
void put_flag(JsonWriter& json, std::string_view name, bool yes);
void put(JsonWriter& json, std::string_view name, const std::vector<std::string>& items);
/// Left out where empty.
void put_some(JsonWriter& json, std::string_view name, std::string_view bytes);
void put_name(JsonWriter& json, std::string_view name);

/// An object whose members `write` puts.
template <std::invocable Write>
void put_object(JsonWriter& json, Write write) {
  json.StartObject();
  write();
  json.EndObject();
}
template <std::invocable Write>
void put_object(JsonWriter& json, std::string_view name, Write write) {
  put_name(json, name);
  put_object(json, write);
}

/// Counts by the name of each of `kinds`, in their order.
template <class Kinds, class Counts>
void put_counts(JsonWriter& json, std::string_view name, const Kinds& kinds, const Counts& counts) {
  put_object(json, name, [&] {
    for (const auto kind : kinds) put(json, name_of(kind), counts[static_cast<std::size_t>(kind)]);
  });
}

/// `"name": [ each item written by `write` ]`.
template <class Items, std::invocable<decltype(*std::declval<const Items&>().begin())> Write>
void put_each(JsonWriter& json, std::string_view name, const Items& items, Write write) {
  put_name(json, name);
  json.StartArray();
  for (const auto& item : items) write(item);
  json.EndArray();
}

}  // namespace audit::report

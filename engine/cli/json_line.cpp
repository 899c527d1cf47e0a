#include "cli/json_line.hpp"

#include <fmt/format.h>

#include <string>

#include "base/text.hpp"

namespace audit::cli {

void put(JsonLine& json, std::string_view bytes) {
  const std::string text = visible(bytes);
  json.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void put_value(JsonLine& json, const Value& value) {
  if (const auto* flag = value.get_if<bool>()) {
    json.Bool(*flag);
  } else if (const auto* integer = value.get_if<std::int64_t>()) {
    json.Int64(*integer);
  } else if (const auto* real = value.get_if<double>()) {
    json.Double(*real);
  } else if (const auto* text = value.get_if<std::string>()) {
    put(json, *text);
  } else if (const auto* array = value.get_if<Value::Array>()) {
    json.StartArray();
    for (const Value& item : *array) put_value(json, item);
    json.EndArray();
  } else if (const auto* object = value.get_if<Value::Object>()) {
    json.StartObject();
    for (const auto& [key, member] : *object) {
      put(json, key);
      put_value(json, member);
    }
    json.EndObject();
  } else {
    json.Null();
  }
}

void print_line(const Value& value) {
  rapidjson::StringBuffer buffer;
  JsonLine json(buffer);
  put_value(json, value);
  fmt::print("{}\n", std::string_view(buffer.GetString(), buffer.GetSize()));
}

}  // namespace audit::cli

#include "report/json_value.hpp"

#include <cmath>

#include "base/text.hpp"

namespace audit::report {
namespace {

class ValueWriter {
 public:
  explicit ValueWriter(JsonWriter& json) : json_(json) {}

  void operator()(std::monostate) const { json_.Null(); }
  void operator()(bool value) const { json_.Bool(value); }
  void operator()(std::int64_t value) const { json_.Int64(value); }
  void operator()(double value) const { put_number(json_, value); }
  void operator()(const std::string& value) const { put_string(json_, value); }
  void operator()(const Value::Array& values) const {
    json_.StartArray();
    for (const Value& value : values) put_value(json_, value);
    json_.EndArray();
  }
  void operator()(const Value::Object& members) const {
    json_.StartObject();
    for (const auto& [name, value] : members) {
      put_string(json_, name);
      put_value(json_, value);
    }
    json_.EndObject();
  }

 private:
  JsonWriter& json_;
};

}  // namespace

void put_string(JsonWriter& json, std::string_view bytes) {
  if (is_plain_text(bytes)) {
    json.plain_text(bytes);
  } else {
    json.visible_text(visible(bytes));
  }
}

void put_number(JsonWriter& json, double number) {
  if (std::isfinite(number)) {
    json.Double(number);
  } else {
    json.visible_text(std::isnan(number) ? "nan" : number > 0 ? "inf" : "-inf");
  }
}

void put_value(JsonWriter& json, const Value& value) { std::visit(ValueWriter(json), value.state()); }

void put_name(JsonWriter& json, std::string_view name) { json.plain_text(name); }

void put(JsonWriter& json, std::string_view name, std::string_view bytes) {
  put_name(json, name);
  put_string(json, bytes);
}

void put(JsonWriter& json, std::string_view name, std::uint64_t number) {
  put_name(json, name);
  json.Uint64(number);
}

void put(JsonWriter& json, std::string_view name, double number) {
  put_name(json, name);
  put_number(json, number);
}

void put_flag(JsonWriter& json, std::string_view name, bool yes) {
  put_name(json, name);
  json.Bool(yes);
}

void put_items(JsonWriter& json, const std::vector<std::string>& items) {
  json.StartArray();
  for (const std::string& item : items) put_string(json, item);
  json.EndArray();
}

void put(JsonWriter& json, std::string_view name, const std::vector<std::string>& items) {
  put_name(json, name);
  put_items(json, items);
}

void put_some(JsonWriter& json, std::string_view name, std::string_view bytes) {
  if (!bytes.empty()) put(json, name, bytes);
}

}  // namespace audit::report

#pragma once

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <string_view>

#include "base/value.hpp"

namespace audit::cli {

/// One JSON object on a line, for programs that read standard output.
using JsonLine = rapidjson::Writer<rapidjson::StringBuffer>;

/// A string from anywhere, as `visible` text.
void put(JsonLine& json, std::string_view bytes);
void put_value(JsonLine& json, const Value& value);
/// A line of JSON by itself, on standard output.
void print_line(const Value& value);

}  // namespace audit::cli

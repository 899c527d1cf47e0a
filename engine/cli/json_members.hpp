#pragma once

#include <rapidjson/document.h>

#include <cstdint>
#include <string>

namespace audit::cli {

// Members of an object that was read, empty or 0 where they are not there or of another kind.

[[nodiscard]] std::string text_of(const rapidjson::Value& object, const char* name);
/// What a text of a report stands for: reports have it `visible`.
[[nodiscard]] std::string bytes_of(const rapidjson::Value& object, const char* name);
[[nodiscard]] std::uint64_t count_of(const rapidjson::Value& object, const char* name);
[[nodiscard]] double number_of(const rapidjson::Value& object, const char* name);
[[nodiscard]] const rapidjson::Value& list_of(const rapidjson::Value& object, const char* name);
[[nodiscard]] const rapidjson::Value& object_of(const rapidjson::Value& object, const char* name);

}  // namespace audit::cli

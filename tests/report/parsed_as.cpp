#include "parsed_as.hpp"

#include <catch2/catch.hpp>

#include "base/text.hpp"
#include "written.hpp"

namespace audit::report {

rapidjson::Document parsed_as(std::string_view format, const RunRecord& record) {
  rapidjson::Document document;
  const std::string text = written(format, record);
  document.Parse<rapidjson::kParseValidateEncodingFlag | rapidjson::kParseFullPrecisionFlag>(text.data(), text.size());
  REQUIRE_FALSE(document.HasParseError());
  return document;
}

std::string bytes_of(const rapidjson::Value& value) {
  return from_visible({value.GetString(), value.GetStringLength()});
}

std::string member(const rapidjson::Value& object, const char* name) {
  return object.HasMember(name) ? bytes_of(object[name]) : std::string();
}

}  // namespace audit::report

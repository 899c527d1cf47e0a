#pragma once

#include <rapidjson/document.h>

#include <string>
#include <string_view>

#include "base/run_record.hpp"

namespace audit::report {

/// A report in a format that is JSON, parsed; the test fails where it is not.
[[nodiscard]] rapidjson::Document parsed_as(std::string_view format, const RunRecord& record);
/// A string of it, as the bytes that it stands for.
[[nodiscard]] std::string bytes_of(const rapidjson::Value& value);
/// The same of a member, "" where there is none.
[[nodiscard]] std::string member(const rapidjson::Value& object, const char* name);

}  // namespace audit::report

#pragma once

#include <rapidjson/document.h>

#include <array>
#include <cstdint>
#include <string>

#include "report/report.hpp"

namespace audit::report {

/// The record in a format, as a string; the format must exist.
[[nodiscard]] std::string written(std::string_view format, const RunRecord& record, Style style = {});
/// The JSON report, parsed; the test fails where it is not JSON.
[[nodiscard]] rapidjson::Document parsed(const RunRecord& record);
/// Valid UTF-8, and no control besides the newline; ESC passes where colours are on.
[[nodiscard]] bool printable(std::string_view text, bool colours = false);

/// A check with one result and no evidence.
[[nodiscard]] Check check_of(std::string rule, std::string target, Status status, Reason reason, std::string message);
/// The failure as a comparison names it, without its times.
[[nodiscard]] DiffItem item_of(const Check& check, const Finding& finding);
/// Adds a check and counts it, as the engine does.
void add(RunRecord& record, Check check);

}  // namespace audit::report

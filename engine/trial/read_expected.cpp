#include "trial/read_expected.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "trial/fields.hpp"

namespace audit::trial {
namespace {

constexpr std::string_view statuses = "pass, fail, error, not_applicable, not_reviewed or informational";

/// A word of a closed set, or nothing where it is not given.
template <class Parse>
auto read_word(Fields& fields, std::string_view name, Parse parse, std::string_view words)
    -> decltype(parse(std::string_view())) {
  const auto text = fields.text(name);
  if (!text) return std::nullopt;
  const auto value = parse(*text);
  if (!value) fields.complain(name, fmt::format("cannot be `{}`; it is {}", visible(*text), words));
  return value;
}

ExpectedResult read_result(Fields& fields) {
  ExpectedResult result;
  result.status = read_word(fields, "status", parse_status, statuses);
  result.reason = read_word(fields, "reason", parse_reason, "one of the reasons that reports give, such as timeout");
  result.severity = read_word(fields, "severity", parse_severity, "critical, high, medium, low or info");
  result.message = fields.text("message");
  result.key = fields.text("key");
  result.endpoint = fields.text("endpoint");
  if (const Value* evidence = fields.take("evidence")) {
    result.evidence = *evidence;
    if (evidence->get_if<Value::Object>() == nullptr && evidence->get_if<Value::Array>() == nullptr)
      fields.complain("evidence", "is to be { label = { field = value } }, or a list of labels");
  }
  return result;
}

}  // namespace

Expected read_expected(const std::string& place, const Value& table, std::vector<std::string>& mistakes) {
  Expected expected;
  Fields fields(place, "expect", table, mistakes);
  expected.foremost = read_result(fields);
  if (!expected.foremost.status && !fields.has("status"))
    fields.complain("status", fmt::format("is missing: what the check ends with, {}", statuses));
  expected.sent = fields.texts("sent");
  if (const Value* results = fields.take("results")) {
    const auto* list = results->get_if<Value::Array>();
    if (list == nullptr) fields.complain("results", "is to be a list of tables");
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
      Fields one(place, "a result of expect", (*list)[i], mistakes);
      expected.results.push_back(read_result(one));
      one.finish();
    }
  }
  fields.finish();
  return expected;
}

}  // namespace audit::trial

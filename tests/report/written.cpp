#include "written.hpp"

#include <catch2/catch.hpp>

#include <sstream>

#include "base/fingerprint.hpp"
#include "base/utf8.hpp"

namespace audit::report {

std::string written(std::string_view format, const RunRecord& record, Style style) {
  const Format* found = find_format(format);
  REQUIRE(found != nullptr);
  std::ostringstream out;
  found->write(record, style, out);
  return out.str();
}

rapidjson::Document parsed(const RunRecord& record) {
  rapidjson::Document document;
  const std::string text = written("json", record);
  document.Parse<rapidjson::kParseValidateEncodingFlag | rapidjson::kParseFullPrecisionFlag>(text.data(), text.size());
  REQUIRE_FALSE(document.HasParseError());
  return document;
}

bool printable(std::string_view text, bool colours) {
  while (!text.empty()) {
    const CodePoint point = decode_utf8(text);
    if (point.length == 0) return false;
    const bool ours = point.code == '\n' || (colours && point.code == 0x1b);
    if (!ours && !is_printable(point.code)) return false;
    text.remove_prefix(point.length);
  }
  return true;
}

Check check_of(std::string rule, std::string target, Status status, Reason reason, std::string message) {
  Finding finding;
  finding.status = status;
  finding.reason = reason;
  finding.message = std::move(message);
  Check check;
  check.rule = std::move(rule);
  check.target = std::move(target);
  check.results.push_back(std::move(finding));
  return check;
}

DiffItem item_of(const Check& check, const Finding& finding) {
  DiffItem item;
  item.fingerprint = fingerprint_of(check, finding);
  item.rule = check.rule;
  item.target = check.target;
  item.endpoint = finding.endpoint;
  item.key = finding.key;
  item.severity = finding.severity;
  item.message = finding.message;
  item.waiver = finding.waiver;
  return item;
}

void add(RunRecord& record, Check check) {
  ++record.summary.planned;
  record.summary.count(check);
  record.checks.held().push_back(std::move(check));
}

}  // namespace audit::report

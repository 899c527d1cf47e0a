#include <fmt/format.h>

#include "base/fingerprint.hpp"
#include "report/decisions.hpp"
#include "report/evidence.hpp"
#include "report/json_value.hpp"
#include "report/sarif_parts.hpp"
#include "report/shown.hpp"
#include "report/uri.hpp"

namespace audit::report {
namespace {

constexpr std::size_t longest_name = 1'000;
constexpr std::size_t longest_message = 2'000;
constexpr std::size_t longest_evidence = 1'000;

/// GitHub shows no more of a result than its message and its rule.
std::string message_of(const std::string& target, const std::string& endpoint, const std::string& key,
                       const std::string& message) {
  std::string text = shown(target, longest_name);
  if (!endpoint.empty() && endpoint != target) text += ", " + shown(endpoint, longest_name);
  if (!key.empty()) text += fmt::format(" ({})", shown(key, longest_name));
  return text + ": " + shown(message, longest_message);
}

std::string message_of(const Check& check, const Finding& finding) {
  return message_of(check.target, finding.endpoint, finding.key, finding.message);
}

}  // namespace

std::string sarif_text(std::string_view visible) {
  std::string text;
  text.reserve(visible.size());
  for (std::size_t i = 0; i < visible.size(); ++i) {
    const char c = visible[i];
    if (c == '{' || c == '}') text += c;
    if (c == ']' && i + 1 < visible.size() && visible[i + 1] == '(') text += '\\';
    text += c;
  }
  return text;
}

std::string_view sarif_level(Severity severity) noexcept {
  if (severity >= Severity::high) return "error";
  return severity == Severity::medium ? "warning" : "note";
}

void put_ready(JsonWriter& json, std::string_view name, std::string_view visible) {
  put_name(json, name);
  json.visible_text(visible);
}

void put_sarif_message(JsonWriter& json, std::string_view name, std::string_view visible) {
  put_object(json, name, [&] { put_ready(json, "text", sarif_text(visible)); });
}

SarifFindings::SarifFindings(const RunRecord& record) : record_(record) {
  for (const RuleRecord& rule : record.rules) rules_.emplace(rule.id, rules_.size());
  for (const WaiverRecord& waiver : record.waivers) waivers_.emplace(waiver.id, &waiver);
  for (const TargetRecord& target : record.targets) targets_.emplace(target.id, &target);
  if (!record.changes) return;
  for (const DiffItem& item : record.changes->changed) states_.emplace(item.fingerprint, "updated");
  for (const DiffItem& item : record.changes->same) states_.emplace(item.fingerprint, "unchanged");
}

void SarifFindings::put_rule(JsonWriter& json, std::string_view rule) const {
  const auto known = rules_.find(rule);
  put_ready(json, "ruleId", shown(rule, longest_name));
  if (known != rules_.end()) put(json, "ruleIndex", known->second);
  put(json, "kind", std::string_view("fail"));
}

void SarifFindings::put_fingerprints(JsonWriter& json, const std::string& fingerprint) const {
  put_object(json, "partialFingerprints", [&] {
    put_ready(json, "auditFinding/v1", shown(fingerprint, longest_name));
    // The one that GitHub heeds: many share a line.
    put_ready(json, "primaryLocationLineHash", shown(fingerprint, longest_name) + ":1");
  });
}

void SarifFindings::put_result(JsonWriter& json, const Check& check, const Finding& finding) const {
  const std::string fingerprint = fingerprint_of(check, finding);
  json.StartObject();
  put_rule(json, check.rule);
  put(json, "level", sarif_level(finding.severity));
  put_sarif_message(json, "message", message_of(check, finding));
  put_location(json, check.target, finding.endpoint);
  put_fingerprints(json, fingerprint);
  if (record_.changes) {
    const auto state = states_.find(fingerprint);
    put(json, "baselineState", state == states_.end() ? "new" : state->second);
  }
  put_suppressions(json, finding.waiver);
  put_properties(json, check, finding);
  json.EndObject();
}

void SarifFindings::put_open(JsonWriter& json, const DiffItem& item) const {
  json.StartObject();
  put_rule(json, item.rule);
  put(json, "level", sarif_level(item.severity));
  put_sarif_message(json, "message",
                    message_of(item.target, item.endpoint, item.key, item.message) + " (not looked at this time)");
  put_location(json, item.target, item.endpoint);
  put_fingerprints(json, item.fingerprint);
  put(json, "baselineState", std::string_view("unchanged"));
  put_suppressions(json, item.waiver);
  put_object(json, "properties", [&] {
    put_ready(json, "target", shown(item.target, longest_name));
    put_ready(json, "endpoint", shown(item.endpoint, longest_name));
    put_ready(json, "key", shown(item.key, longest_name));
    put(json, "status", name_of(Status::not_reviewed));
    put(json, "severity", name_of(item.severity));
    put_ready(json, "waiver", shown(item.waiver, longest_name));
  });
  json.EndObject();
}

void SarifFindings::put_notification(JsonWriter& json, const Check& check, const Finding& finding) const {
  const auto rule = rules_.find(check.rule);
  const bool waived = !finding.waiver.empty();
  json.StartObject();
  put_object(json, "descriptor", [&] { put(json, "id", name_of(finding.reason)); });
  put(json, "level", waived ? "note" : finding.status == Status::error ? std::string_view("error") : "warning");
  put_sarif_message(json, "message",
                    fmt::format("{} ({}), {}, {}", name_of(finding.status), name_of(finding.reason),
                                shown(check.rule, longest_name), message_of(check, finding)));
  put_object(json, "associatedRule", [&] {
    put_ready(json, "id", shown(check.rule, longest_name));
    if (rule != rules_.end()) put(json, "index", rule->second);
  });
  put_location(json, check.target, finding.endpoint);
  put_properties(json, check, finding);
  json.EndObject();
}

void SarifFindings::put_location(JsonWriter& json, const std::string& target, const std::string& endpoint) const {
  std::string path = record_.inventory.path;
  if (path.empty()) path = "command-line";  // --target: GitHub refuses results that are nowhere
  std::uint64_t line = 1;                   // of what no entry names: a run-scope check, a target that went
  if (const auto known = targets_.find(target); known != targets_.end() && known->second->line > 0) {
    path = known->second->file;
    line = known->second->line;
  }
  put_name(json, "locations");
  json.StartArray();
  json.StartObject();
  put_object(json, "physicalLocation", [&] {
    put_object(json, "artifactLocation", [&] { put(json, "uri", uri_of_path(path)); });
    put_object(json, "region", [&] { put(json, "startLine", line); });
  });
  put_name(json, "logicalLocations");
  json.StartArray();
  json.StartObject();
  put_ready(json, "fullyQualifiedName",
            shown(target, longest_name) + (endpoint.empty() ? "" : ' ' + shown(endpoint, longest_name)));
  put(json, "kind", std::string_view("resource"));
  json.EndObject();
  json.EndArray();
  json.EndObject();
  json.EndArray();
}

void SarifFindings::put_properties(JsonWriter& json, const Check& check, const Finding& finding) const {
  put_object(json, "properties", [&] {
    put_ready(json, "target", shown(check.target, longest_name));
    put_ready(json, "endpoint", shown(finding.endpoint, longest_name));
    put_ready(json, "key", shown(finding.key, longest_name));
    put(json, "status", name_of(finding.status));
    put(json, "reason", name_of(finding.reason));
    put(json, "severity", name_of(finding.severity));
    put_ready(json, "waiver", shown(finding.waiver, longest_name));
    const Evidence* telling = most_telling(finding);
    if (telling != nullptr) put_ready(json, "evidence", line_of(*telling, longest_evidence));
  });
}

/// On every result, empty too: a run has them on all or on none (3.27.23).
void SarifFindings::put_suppressions(JsonWriter& json, const std::string& id) const {
  put_name(json, "suppressions");
  json.StartArray();
  if (!id.empty()) {
    const auto waiver = waivers_.find(id);
    json.StartObject();
    put(json, "kind", std::string_view("external"));
    put(json, "status", std::string_view("accepted"));
    std::string why = "Waived by " + shown(id, longest_name);
    if (waiver != waivers_.end())
      why += fmt::format(" of {}, {}: {}", shown(waiver->second->approver, longest_name), time_of(*waiver->second),
                         prose(waiver->second->reason, longest_message));
    put_ready(json, "justification", why);
    json.EndObject();
  }
  json.EndArray();
}

}  // namespace audit::report

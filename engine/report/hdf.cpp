#include "report/hdf.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "base/digest.hpp"
#include "base/text.hpp"
#include "report/evidence.hpp"
#include "report/json_records.hpp"
#include "report/json_value.hpp"
#include "report/lookup.hpp"
#include "report/verdict.hpp"

namespace audit::report {
namespace {

constexpr std::size_t longest_evidence = 400;
constexpr std::size_t most_evidence = 20;
constexpr std::string_view nist = "NIST-800-53";

bool is_judged(Status status) { return status != Status::not_applicable && status != Status::informational; }

/// Heimdall's scale; 0 is its word for "not applicable", so the least that is judged is more.
double impact_of(const Check& check) {
  if (!is_judged(check.status())) return 0;
  constexpr std::array impacts{0.1, 0.3, 0.5, 0.7, 1.0};
  return impacts[static_cast<std::size_t>(check.foremost().severity)];
}

std::string_view severity_of(Severity severity) { return severity == Severity::info ? "none" : name_of(severity); }

/// What Heimdall is told of a result. It takes an error for more than a failure, and a pass for more than what was not
/// reviewed: where these are not the foremost, they are skipped.
std::string_view word_of(Status result, Status check) {
  if (result == Status::fail) return "failed";
  if (result == Status::error && check == Status::error) return "error";
  if (result == Status::pass && check != Status::not_reviewed) return "passed";
  return "skipped";
}

/// The message, and a line for each piece of evidence.
std::string told(const Finding& result) {
  std::string text = visible(result.message);
  for (std::size_t i = 0; i < std::min(result.evidence.size(), most_evidence); ++i)
    text += '\n' + line_of(result.evidence[i], longest_evidence);
  if (result.evidence.size() > most_evidence)
    text += fmt::format("\n… {} more pieces of evidence", result.evidence.size() - most_evidence);
  return text;
}

/// Lines of `visible` text: the newlines between them are ours.
void put_lines(JsonWriter& json, std::string_view name, const std::string& lines) {
  put_name(json, name);
  json.String(lines.data(), static_cast<rapidjson::SizeType>(lines.size()));
}

void put_times(JsonWriter& json, const Finding& result, const RunRecord& record) {
  const Observation* first = nullptr;
  Duration elapsed{};
  for (const Evidence& evidence : result.evidence) {
    if (!evidence.observation) continue;
    if (first == nullptr || evidence.observation->time < first->time) first = evidence.observation.get();
    elapsed += evidence.observation->elapsed;
  }
  put(json, "start_time", format_utc(first == nullptr ? record.run.started : first->time));
  if (first != nullptr) put(json, "run_time", seconds(elapsed));
}

void put_result(JsonWriter& json, const Check& check, const Finding& result, const RunRecord& record) {
  const std::string_view word = word_of(result.status, check.status());
  json.StartObject();
  put(json, "status", word);
  put(json, "code_desc", result.endpoint.empty() ? check.target : result.endpoint);
  put_times(json, result, record);
  put_lines(json, "message", told(result));
  if (word == "skipped")
    put(json, "skip_message",
        fmt::format("{} ({}): {}", name_of(result.status), name_of(result.reason), result.message));
  if (word == "error") put(json, "exception", name_of(result.reason));
  put_object(json, "audit", [&] {
    put_some(json, "endpoint", result.endpoint);
    put_some(json, "key", result.key);
    put(json, "status", name_of(result.status));
    put(json, "reason", name_of(result.reason));
    put(json, "severity", name_of(result.severity));
    put_some(json, "waiver", result.waiver);
  });
  json.EndObject();
}

void put_reference(JsonWriter& json, const std::string& reference) {
  json.StartObject();
  put(json, reference.starts_with("https://") || reference.starts_with("http://") ? "url" : "ref", reference);
  json.EndObject();
}

void put_description(JsonWriter& json, std::string_view label, const std::string& data) {
  if (data.empty()) return;
  json.StartObject();
  put(json, "label", label);
  put(json, "data", data);
  json.EndObject();
}

void put_tags(JsonWriter& json, const Check& check, const RuleRecord& rule, const Lookup& lookup) {
  const Lookup::ControlIds& controls = lookup.controls(check.rule);
  const auto mapped = controls.find(std::string(nist));
  put_object(json, "tags", [&] {
    put(json, "nist", mapped == controls.end() ? std::vector<std::string>() : mapped->second);
    put(json, "severity", severity_of(check.foremost().severity));
    put(json, "rule", check.rule);
    put(json, "target", check.target);
    put(json, "status", name_of(check.status()));
    put(json, "reason", name_of(check.foremost().reason));
    put(json, "safety", name_of(rule.safety));
    put(json, "tags", rule.tags);
    put_object(json, "controls", [&] {
      for (const auto& [framework, ids] : controls) {
        put_string(json, framework);
        put_items(json, ids);
      }
    });
  });
}

/// Who answers for what fails or was not seen. A waiver changes no status, so nothing is skipped for it.
void put_waiver_of(JsonWriter& json, const Check& check, const Lookup& lookup) {
  const auto waived = [](const Finding& result) { return !result.waiver.empty(); };
  const auto first = std::find_if(check.results.begin(), check.results.end(), waived);
  if (first == check.results.end()) return;
  const WaiverRecord* waiver = lookup.waiver(first->waiver);
  put_object(json, "waiver_data", [&] {
    put_flag(json, "run", true);
    put_flag(json, "skipped_due_to_waiver", false);
    if (waiver != nullptr) put(json, "expiration_date", format_day(waiver->expires));
    put(json, "justification", waiver == nullptr ? first->waiver : waiver->reason);
    put(json, "message",
        fmt::format("{}{}; {} of {} waived", first->waiver,
                    waiver == nullptr ? std::string() : ", approved by " + waiver->approver,
                    std::count_if(check.results.begin(), check.results.end(), waived),
                    counted(check.results.size(), "result")));
  });
}

void put_control(JsonWriter& json, const Check& check, const RunRecord& record, const Lookup& lookup) {
  static const RuleRecord unknown;
  const RuleRecord* found = lookup.rule(check.rule);
  const RuleRecord& rule = found == nullptr ? unknown : *found;
  json.StartObject();
  put(json, "id", fmt::format("{} on {}", check.rule, check.target));
  put(json, "title", rule.title.empty() ? check.rule : rule.title);
  put(json, "desc", rule.rationale);
  put_name(json, "descriptions");
  json.StartArray();
  put_description(json, "rationale", rule.rationale);
  put_description(json, "fix", rule.remediation);
  json.EndArray();
  put(json, "impact", impact_of(check));
  put_each(json, "refs", rule.references, [&](const std::string& reference) { put_reference(json, reference); });
  put_tags(json, check, rule, lookup);
  put_object(json, "source_location", [&] { put(json, "ref", rule.file); });
  put_each(json, "results", check.results, [&](const Finding& result) { put_result(json, check, result, record); });
  put_waiver_of(json, check, lookup);
  json.EndObject();
}

std::string digest_of(const std::vector<RuleRecord>& rules) {
  std::string digests;
  for (const RuleRecord& rule : rules) digests += rule.sha256 + '\n';
  return sha256_hex(digests);
}

void put_profile(JsonWriter& json, const RunRecord& record) {
  const Lookup lookup(record);
  json.StartObject();
  put(json, "name", record.tool.name);
  put(json, "version", record.tool.version);
  put(json, "title", record.inventory.name.empty() ? record.inventory.path : record.inventory.name);
  put(json, "sha256", digest_of(record.rules));
  put(json, "status", std::string_view("loaded"));
  if (const Verdict verdict = verdict_of(record); verdict.tone == Tone::incomplete)
    put(json, "status_message", from_visible(verdict.headline));
  for (const std::string_view none : {"supports", "attributes", "groups"}) put(json, none, std::vector<std::string>());
  put_each(json, "controls", record.checks, [&](const Check& check) { put_control(json, check, record, lookup); });
  json.EndObject();
}

void put_statistics(JsonWriter& json, const RunRecord& record) {
  const Summary& summary = record.summary;
  const auto put_total = [&](std::string_view name, std::uint64_t total) {
    put_object(json, name, [&] { put(json, "total", total); });
  };
  put(json, "duration", seconds(record.run.finished - record.run.started));
  put_object(json, "controls", [&] {
    put_total("passed", summary.of(Status::pass));
    put_total("failed", summary.of(Status::fail));
    put_total("error", summary.of(Status::error));
    put_total("skipped", summary.of(Status::not_reviewed) + summary.of(Status::not_applicable) +
                             summary.of(Status::informational));
  });
}

/// What Heimdall has no place for, in the words of the JSON report.
void put_passthrough(JsonWriter& json, const RunRecord& record) {
  put_name(json, "run");
  put_run(json, record);
  put_name(json, "summary");
  put_summary(json, record);
  put_each(json, "waivers", record.waivers, [&](const WaiverRecord& waiver) { put_waiver(json, waiver); });
  put_each(json, "attestations", record.attestations,
           [&](const AttestationRecord& attestation) { put_attestation(json, attestation); });
  put_each(json, "left_out", record.left_out, [&](const LeftOut& part) { put_left_out(json, part); });
  put(json, "notices", record.notices);
}

}  // namespace

void write_hdf(const RunRecord& record, const Style&, std::ostream& out) {
  JsonStream stream(out);
  JsonWriter json(stream);
  json.SetIndent(' ', 1);
  json.StartObject();
  put_object(json, "platform", [&] {
    put(json, "name", record.tool.name);
    put(json, "release", record.tool.version);
    put(json, "target_id", record.run.id);
  });
  put(json, "version", record.tool.version);
  put_object(json, "statistics", [&] { put_statistics(json, record); });
  put_name(json, "profiles");
  json.StartArray();
  put_profile(json, record);
  json.EndArray();
  put_object(json, "passthrough", [&] { put_object(json, "audit", [&] { put_passthrough(json, record); }); });
  json.EndObject();
  stream.Put('\n');
  stream.Flush();
}

}  // namespace audit::report

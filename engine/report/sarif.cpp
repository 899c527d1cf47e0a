#include "report/sarif.hpp"

#include <set>

#include "report/json_records.hpp"
#include "report/json_value.hpp"
#include "report/prometheus.hpp"
#include "report/run_uuid.hpp"
#include "report/sarif_parts.hpp"
#include "report/shown.hpp"
#include "report/uri.hpp"
#include "report/verdict.hpp"

namespace audit::report {
namespace {

constexpr std::size_t longest_name = 1'000;

void put_tool(JsonWriter& json, const RunRecord& record) {
  put_object(json, "tool", [&] {
    put_object(json, "driver", [&] {
      put_ready(json, "name", shown(record.tool.name, longest_name));
      put_ready(json, "version", shown(record.tool.version, longest_name));
      put_each(json, "rules", record.rules,
               [&](const RuleRecord& rule) { put_sarif_rule(json, rule, record.controls); });
    });
  });
}

template <class Put>
void each_finding(const RunRecord& record, Put put) {
  for (const Check& check : record.checks.with(Detail::problems))
    for (const Finding& finding : check.results) put(check, finding);
}

void put_invocation(JsonWriter& json, const RunRecord& record, const SarifFindings& findings) {
  const Verdict verdict = verdict_of(record);
  json.StartObject();
  put_flag(json, "executionSuccessful", verdict.tone != Tone::incomplete);
  put_ready(json, "commandLine", shown(record.run.command, longest_name));
  put(json, "startTimeUtc", format_utc(record.run.started));
  put(json, "endTimeUtc", format_utc(record.run.finished));
  put_ready(json, "machine", shown(record.run.vantage.host, longest_name));
  put_name(json, "toolExecutionNotifications");
  json.StartArray();
  if (verdict.tone == Tone::incomplete) {
    json.StartObject();
    put(json, "level", std::string_view("error"));
    put_sarif_message(json, "message", verdict.headline);
    json.EndObject();
  }
  each_finding(record, [&](const Check& check, const Finding& finding) {
    if (finding.status == Status::error || finding.status == Status::not_reviewed)
      findings.put_notification(json, check, finding);
  });
  json.EndArray();
  json.EndObject();
}

/// The files of the inventory, each once.
void put_artifacts(JsonWriter& json, const RunRecord& record) {
  std::set<std::string> written;
  put_name(json, "artifacts");
  json.StartArray();
  for (const auto& file : record.inventory.files) {
    const std::string uri = uri_of_path(file.path);
    if (!written.insert(uri).second) continue;
    json.StartObject();
    put_object(json, "location", [&] { put(json, "uri", uri); });
    put_object(json, "hashes", [&] { put_ready(json, "sha-256", shown(file.sha256, longest_name)); });
    json.EndObject();
  }
  json.EndArray();
}

}  // namespace

void write_sarif(const RunRecord& record, const Style&, std::ostream& out) {
  JsonStream stream(out);
  JsonWriter json(stream);
  json.SetIndent(' ', 1);
  const SarifFindings findings(record);
  json.StartObject();
  put(json, "$schema",
      std::string_view("https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"));
  put(json, "version", std::string_view("2.1.0"));
  put_name(json, "runs");
  json.StartArray();
  json.StartObject();
  put_tool(json, record);
  put_object(json, "automationDetails", [&] {
    put_ready(json, "id",
              "audit/" + shown(inventory_label(record), longest_name) + '/' + shown(record.run.id, longest_name));
    put(json, "guid", uuid_of_run(record.run.id));
  });
  if (record.changes) put(json, "baselineGuid", uuid_of_run(record.changes->before.id));
  put_name(json, "invocations");
  json.StartArray();
  put_invocation(json, record, findings);
  json.EndArray();
  put_artifacts(json, record);
  put_name(json, "results");
  json.StartArray();
  each_finding(record, [&](const Check& check, const Finding& finding) {
    if (finding.status == Status::fail) findings.put_result(json, check, finding);
  });
  // Those that were fixed are not written as `absent`: readers that know no baselines would take them for open.
  if (record.changes)
    for (const DiffItem& item : record.changes->open) findings.put_open(json, item);
  json.EndArray();
  put(json, "columnKind", std::string_view("utf16CodeUnits"));
  put_object(json, "properties", [&] {
    put_flag(json, "complete", record.run.complete);
    put_name(json, "summary");
    put_summary(json, record);
  });
  json.EndObject();
  json.EndArray();
  json.EndObject();
  stream.Put('\n');
  stream.Flush();
}

}  // namespace audit::report

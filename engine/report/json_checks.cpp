#include <algorithm>

#include "report/json_records.hpp"
#include "report/json_value.hpp"

namespace audit::report {
namespace {

void put_observation(JsonWriter& json, const Observation& observation) {
  put(json, "probe", observation.probe);
  put(json, "endpoint", observation.endpoint);
  put(json, "reason", name_of(observation.reason));
  put_some(json, "message", observation.message);
  put(json, "time", format_utc(observation.time));
  put(json, "elapsed", seconds(observation.elapsed));
  put_some(json, "local", observation.local);
  put_some(json, "remote", observation.remote);
  put(json, "attempts", std::uint64_t{observation.attempts});
  if (observation.fields.empty()) return;
  put_name(json, "seen");
  put_value(json, observation.fields);
}

void put_evidence(JsonWriter& json, const Evidence& evidence) {
  json.StartObject();
  put_some(json, "label", evidence.label);
  if (evidence.observation) {
    put_observation(json, *evidence.observation);
  } else {
    put_name(json, "value");
    put_value(json, evidence.note);
  }
  json.EndObject();
}

/// What a check and each of its results have in common.
void put_finding(JsonWriter& json, const Check& check, const Finding& finding, const RunRecord& record, Seen seen) {
  put(json, "status", name_of(finding.status));
  put(json, "reason", name_of(finding.reason));
  put(json, "severity", name_of(finding.severity));
  put_some(json, "waiver", finding.waiver);
  if (const auto first = seen == Seen::told ? record.first_seen_of(check, finding) : std::nullopt) {
    put(json, "first_seen", format_utc(*first));
    put(json, "last_seen", format_utc(record.run.started));
  }
  put(json, "message", finding.message);
  put_each(json, "evidence", finding.evidence, [&](const Evidence& evidence) { put_evidence(json, evidence); });
}

bool has_parts(const Check& check) {
  return check.results.size() > 1 || std::any_of(check.results.begin(), check.results.end(), [](const Finding& result) {
           return !result.endpoint.empty() || !result.key.empty();
         });
}

}  // namespace

void put_check(JsonWriter& json, const Check& check, const RunRecord& record, Seen seen) {
  json.StartObject();
  put(json, "rule", check.rule);
  put(json, "target", check.target);
  put_finding(json, check, check.foremost(), record, seen);
  if (check.observations_dropped > 0) put(json, "observations_dropped", std::uint64_t{check.observations_dropped});
  if (has_parts(check)) {
    put_each(json, "results", check.results, [&](const Finding& result) {
      json.StartObject();
      put_some(json, "endpoint", result.endpoint);
      put_some(json, "key", result.key);
      put_finding(json, check, result, record, seen);
      json.EndObject();
    });
  }
  json.EndObject();
}

}  // namespace audit::report

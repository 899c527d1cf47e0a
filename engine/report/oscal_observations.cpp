#include <fmt/format.h>

#include <algorithm>

#include "report/evidence.hpp"
#include "report/json_value.hpp"
#include "report/oscal_parts.hpp"

namespace audit::report {
namespace {

constexpr std::size_t longest_evidence = 1'000;
constexpr std::size_t most_evidence = 20;

void put_props(OscalParts& parts, const Check& check, const Finding& result) {
  OscalProps props(parts.json);
  props.put("rule", check.rule);
  props.put("target", check.target);
  props.put("check-status", name_of(check.status()));
  props.put("status", name_of(result.status));
  props.put("reason", name_of(result.reason));
  props.put("severity", name_of(result.severity));
  props.put("endpoint", result.endpoint);
  props.put("key", result.key);
  props.put("waiver", result.waiver);
  props.end();
}

void put_subjects(OscalParts& parts, const std::string& target) {
  if (target == "*") return;  // of the whole run
  JsonWriter& json = parts.json;
  put_name(json, "subjects");
  json.StartArray();
  put_object(json, [&] {
    put(json, "subject-uuid", parts.ids.of("target", target));
    put(json, "type", std::string_view("inventory-item"));
  });
  json.EndArray();
}

void put_evidence(OscalParts& parts, const Finding& result) {
  if (result.evidence.empty()) return;
  const auto put_piece = [&](std::string_view line) {
    put_object(parts.json, [&] {
      put_name(parts.json, "description");
      parts.json.visible_text(line);
    });
  };
  put_name(parts.json, "relevant-evidence");
  parts.json.StartArray();
  for (std::size_t i = 0; i < std::min(result.evidence.size(), most_evidence); ++i)
    put_piece(line_of(result.evidence[i], longest_evidence));
  if (result.evidence.size() > most_evidence)
    put_piece(fmt::format("… {} more pieces", result.evidence.size() - most_evidence));
  parts.json.EndArray();
}

/// When the first thing was seen; that of the run where nothing was.
WallTime collected(const RunRecord& record, const Finding& result) {
  WallTime first = record.run.started;
  bool any = false;
  for (const Evidence& evidence : result.evidence)
    if (evidence.observation && (!any || evidence.observation->time < first)) {
      first = evidence.observation->time;
      any = true;
    }
  return first;
}

/// What was not tried was not tested either.
std::string_view method_of(Status status) { return status == Status::not_reviewed ? "UNKNOWN" : "TEST"; }

void put_observation(OscalParts& parts, const Check& check, const Finding& result, std::uint64_t number) {
  JsonWriter& json = parts.json;
  put(json, "uuid", parts.ids.of("observation", number));
  put(json, "title", fmt::format("{} on {}", check.rule, check.target));
  put(json, "description",
      result.message.empty() ? fmt::format("{} ({})", name_of(result.status), name_of(result.reason)) : result.message);
  put_props(parts, check, result);
  put(json, "methods", std::vector<std::string>{std::string(method_of(result.status))});
  put(json, "types", std::vector<std::string>{result.status == Status::fail ? "finding" : "control-objective"});
  put_oscal_origins(parts);
  put_subjects(parts, check.target);
  put_evidence(parts, result);
  put(json, "collected", format_utc(collected(parts.record, result)));
}

}  // namespace

void put_oscal_origins(OscalParts& parts) {
  JsonWriter& json = parts.json;
  const auto put_actor = [&] {
    put(json, "type", std::string_view("tool"));
    put(json, "actor-uuid", parts.ids.of("tool"));
  };
  put_name(json, "origins");
  json.StartArray();
  put_object(json, [&] {
    put_name(json, "actors");
    json.StartArray();
    put_object(json, put_actor);
    json.EndArray();
  });
  json.EndArray();
}

void put_oscal_observations(OscalParts& parts) {
  if (parts.record.checks.empty()) return;
  put_name(parts.json, "observations");
  parts.json.StartArray();
  each_numbered(parts.record, [&](const Check& check, const Finding& result, std::uint64_t number) {
    put_object(parts.json, [&] { put_observation(parts, check, result, number); });
  });
  parts.json.EndArray();
}

}  // namespace audit::report

#include <fmt/format.h>

#include "report/json_value.hpp"
#include "report/oscal_parts.hpp"

namespace audit::report {
namespace {

void put_severity(OscalParts& parts, Severity severity) {
  JsonWriter& json = parts.json;
  put_name(json, "characterizations");
  json.StartArray();
  put_object(json, [&] {
    put_object(json, "origin", [&] {
      put_name(json, "actors");
      json.StartArray();
      put_object(json, [&] {
        put(json, "type", std::string_view("tool"));
        put(json, "actor-uuid", parts.ids.of("tool"));
      });
      json.EndArray();
    });
    put_name(json, "facets");
    json.StartArray();
    put_object(json, [&] {
      put(json, "name", std::string_view("severity"));
      put(json, "system", std::string_view("urn:x-audit:oscal"));
      put(json, "value", name_of(severity));
    });
    json.EndArray();
  });
  json.EndArray();
}

void put_remediation(OscalParts& parts, const RuleRecord& rule, std::uint64_t number) {
  if (rule.remediation.empty()) return;
  JsonWriter& json = parts.json;
  put_name(json, "remediations");
  json.StartArray();
  put_object(json, [&] {
    put(json, "uuid", parts.ids.of("remediation", number));
    put(json, "lifecycle", std::string_view("recommendation"));
    put(json, "title", rule.title);
    put(json, "description", rule.remediation);
    OscalProps props(json);
    for (const std::string& reference : rule.references) props.put("reference", reference);
    props.end();
  });
  json.EndArray();
}

/// Who accepted it, since when and until when.
void put_acceptance(OscalParts& parts, const std::string& id, std::uint64_t number) {
  const WaiverRecord* waiver = parts.lookup.waiver(id);
  if (waiver == nullptr) return;
  JsonWriter& json = parts.json;
  put(json, "deadline", format_day(waiver->expires) + "T23:59:59Z");
  put_object(json, "risk-log", [&] {
    put_name(json, "entries");
    json.StartArray();
    put_object(json, [&] {
      put(json, "uuid", parts.ids.of("acceptance", number));
      put(json, "title", fmt::format("Waiver {}", waiver->id));
      put(json, "description", waiver->reason);
      put(json, "start", format_day(waiver->starts) + "T00:00:00Z");
      put(json, "end", format_day(waiver->expires) + "T23:59:59Z");
      OscalProps props(json);
      props.put("approver", waiver->approver);
      props.put("ticket", waiver->ticket);
      props.end();
      put(json, "status-change", std::string_view("deviation-approved"));
    });
    json.EndArray();
  });
}

void put_risk(OscalParts& parts, const Check& check, const Finding& result, std::uint64_t number) {
  static const RuleRecord unknown;
  JsonWriter& json = parts.json;
  const RuleRecord* found = parts.lookup.rule(check.rule);
  const RuleRecord& rule = found == nullptr ? unknown : *found;
  put(json, "uuid", parts.ids.of("risk", number));
  put(json, "title", fmt::format("{} on {}", check.rule, check.target));
  put(json, "description", result.message);
  put(json, "statement", rule.rationale.empty() ? rule.title : rule.rationale);
  OscalProps props(json);
  props.put("rule", check.rule);
  props.put("target", check.target);
  props.put("waiver", result.waiver);
  props.end();
  put(json, "status", std::string_view(result.waiver.empty() ? "open" : "deviation-approved"));
  put_oscal_origins(parts);
  put_severity(parts, result.severity);
  if (!result.waiver.empty()) put_acceptance(parts, result.waiver, number);
  put_remediation(parts, rule, number);
  put_name(json, "related-observations");
  json.StartArray();
  put_object(json, [&] { put(json, "observation-uuid", parts.ids.of("observation", number)); });
  json.EndArray();
}

}  // namespace

void put_oscal_risks(OscalParts& parts) {
  bool any = false;
  each_numbered(parts.record, [&](const Check& check, const Finding& result, std::uint64_t number) {
    if (result.status != Status::fail) return;
    if (!any) {
      put_name(parts.json, "risks");
      parts.json.StartArray();
    }
    any = true;
    put_object(parts.json, [&] { put_risk(parts, check, result, number); });
  });
  if (any) parts.json.EndArray();
}

}  // namespace audit::report

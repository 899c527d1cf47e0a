#include <fmt/format.h>

#include "report/json_value.hpp"
#include "report/oscal_parts.hpp"

namespace audit::report {
namespace {

void put_inventory_item(OscalParts& parts, const TargetRecord& target) {
  JsonWriter& json = parts.json;
  put_object(json, [&] {
    put(json, "uuid", parts.ids.of("target", target.id));
    put(json, "description", target.id);
    OscalProps props(json);
    props.put_known("asset-id", target.id);
    for (const std::string& name : target.names) props.put_known("fqdn", name);
    for (const IpAddress& address : target.addresses)
      props.put_known(address.family == Family::v4 ? "ipv4-address" : "ipv6-address", format_address(address));
    props.put("life", name_of(target.life));
    props.put("owner", target.owner);
    props.put("zone", target.zone);
    props.put("criticality", target.criticality);
    for (const std::string& group : target.groups) props.put("group", group);
    props.end();
    put_some(json, "remarks", target.life_message);
  });
}

void put_assets(OscalParts& parts) {
  JsonWriter& json = parts.json;
  const RunRecord& record = parts.record;
  put_name(json, "components");
  json.StartArray();
  put_object(json, [&] {
    put(json, "uuid", parts.ids.of("tool"));
    put(json, "type", std::string_view("software"));
    put(json, "title", record.tool.name);
    put(json, "description", std::string_view("Asks the network, and records what it saw."));
    OscalProps props(json);
    props.put_known("version", record.tool.version);
    props.end();
    put_object(json, "status", [&] { put(json, "state", std::string_view("operational")); });
  });
  json.EndArray();
  put_name(json, "assessment-platforms");
  json.StartArray();
  put_object(json, [&] {
    put(json, "uuid", parts.ids.of("platform"));
    put(json, "title", record.run.vantage.host);
    OscalProps props(json);
    for (const std::string& address : record.run.vantage.addresses) props.put("source-address", address);
    props.end();
    put_name(json, "uses-components");
    json.StartArray();
    put_object(json, [&] { put(json, "component-uuid", parts.ids.of("tool")); });
    json.EndArray();
  });
  json.EndArray();
}

/// The controls of a framework that a rule of the run or a person speaks of.
std::vector<const ControlAssessment*> reviewed(const FrameworkAssessment& framework) {
  std::vector<const ControlAssessment*> controls;
  for (const ControlAssessment& control : framework.controls)
    if (control.state != ControlState::not_covered) controls.push_back(&control);
  return controls;
}

void put_attestation(OscalParts& parts, const AttestationRecord& attestation, std::uint64_t number) {
  JsonWriter& json = parts.json;
  put_name(json, "responsible-parties");
  json.StartArray();
  put_object(json, [&] {
    put(json, "role-id", std::string_view("attester"));
    put(json, "party-uuids", std::vector<std::string>{parts.ids.of("party", attestation.by)});
  });
  json.EndArray();
  put_name(json, "parts");
  json.StartArray();
  put_object(json, [&] {
    put(json, "uuid", parts.ids.of("attestation", number));
    put(json, "name", std::string_view("attestation"));
    put(json, "title", attestation.control);
    OscalProps props(json);
    props.put("control", attestation.control);
    props.put("status", name_of(attestation.effective()));
    props.put("stated", name_of(attestation.status));
    props.put("state", name_of(attestation.state));
    props.put("date", format_day(attestation.date));
    props.put("valid-until", format_day(attestation.valid_until));
    props.end();
    put(json, "prose", attestation.evidence);
  });
  json.EndArray();
}

}  // namespace

void put_oscal_definitions(OscalParts& parts) {
  JsonWriter& json = parts.json;
  put_object(json, "local-definitions", [&] {
    if (!parts.record.targets.empty())
      put_each(json, "inventory-items", parts.record.targets,
               [&](const TargetRecord& target) { put_inventory_item(parts, target); });
    put_object(json, "assessment-assets", [&] { put_assets(parts); });
  });
}

void put_reviewed_controls(OscalParts& parts) {
  JsonWriter& json = parts.json;
  bool any = false;
  json.StartObject();
  put_name(json, "control-selections");
  json.StartArray();
  for (const FrameworkAssessment& framework : parts.record.frameworks) {
    const std::vector<const ControlAssessment*> controls = reviewed(framework);
    if (controls.empty()) continue;
    any = true;
    put_object(json, [&] {
      put(json, "description", fmt::format("{} {}", framework.title, framework.version));
      OscalProps props(json);
      props.put("framework", framework.id);
      props.end();
      put_each(json, "include-controls", controls, [&](const ControlAssessment* control) {
        put_object(json, [&] { put(json, "control-id", token_of(control->id)); });
      });
    });
  }
  if (!any)
    put_object(json, [&] {
      put(json, "description", std::string_view("None: no rule of this run bears on a control of a framework."));
    });
  json.EndArray();
  json.EndObject();
}

void put_oscal_attestations(OscalParts& parts) {
  if (parts.record.attestations.empty()) return;
  std::uint64_t number = 0;
  put_each(parts.json, "attestations", parts.record.attestations, [&](const AttestationRecord& attestation) {
    put_object(parts.json, [&] { put_attestation(parts, attestation, number++); });
  });
}

}  // namespace audit::report

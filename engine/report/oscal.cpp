#include "report/oscal.hpp"

#include <fmt/format.h>

#include <ostream>
#include <set>

#include "base/text.hpp"
#include "report/json_value.hpp"
#include "report/left_out.hpp"
#include "report/oscal_parts.hpp"
#include "report/uri.hpp"
#include "report/verdict.hpp"

namespace audit::report {
namespace {

std::string title_of(const RunRecord& record) {
  const std::string& name = record.inventory.name.empty() ? record.inventory.path : record.inventory.name;
  return name.empty() ? "Network audit" : fmt::format("Network audit of {}", name);
}

/// OSCAL's version of a document: a string that is not empty.
void put_version(OscalParts& parts) {
  const std::string id = string_of(parts.record.run.id);
  put_name(parts.json, "version");
  parts.json.visible_text(id.empty() ? "unnamed" : id);
}

void put_plan_of_system(OscalParts& parts) {
  const std::string& ssp = parts.record.inventory.ssp;
  if (ssp.empty()) return;
  put_each(parts.json, "links", std::vector<std::string>{ssp}, [&](const std::string& href) {
    put_object(parts.json, [&] {
      put(parts.json, "href", uri_of_reference(href));
      put(parts.json, "rel", std::string_view("system-security-plan"));
      put(parts.json, "text", std::string_view("The system security plan that the inventory names"));
    });
  });
}

void put_metadata(OscalParts& parts) {
  JsonWriter& json = parts.json;
  put(json, "title", title_of(parts.record));
  put(json, "last-modified", format_utc(parts.record.run.finished));
  put_version(parts);
  put(json, "oscal-version", std::string_view("1.1.3"));
  put_plan_of_system(parts);
  std::set<std::string_view> people;
  for (const AttestationRecord& attestation : parts.record.attestations) people.insert(attestation.by);
  if (people.empty()) return;
  put_each(json, "roles", std::vector<std::string_view>{"attester"}, [&](std::string_view role) {
    put_object(json, [&] {
      put(json, "id", role);
      put(json, "title", std::string_view("Answers for a control that no probe can check"));
    });
  });
  put_each(json, "parties", people, [&](std::string_view person) {
    put_object(json, [&] {
      put(json, "uuid", parts.ids.of("party", person));
      put(json, "type", std::string_view("person"));
      if (person.empty()) return;
      put_name(json, "name");
      json.visible_text(string_of(person));
    });
  });
}

void put_result_props(OscalParts& parts) {
  const RunRecord& record = parts.record;
  const Summary& summary = record.summary;
  OscalProps props(parts.json);
  props.put("run", record.run.id);
  props.put("complete", record.run.complete ? "yes" : "no");
  props.put("stopped-by", record.run.stopped_by);
  props.put("planned", fmt::format("{}", summary.planned));
  for (const Status status : all_statuses) props.put(name_of(status), fmt::format("{}", summary.of(status)));
  props.put("waived", fmt::format("{}", summary.waived));
  props.put("waived-unseen", fmt::format("{}", summary.waived_unseen));
  props.put("dark", fmt::format("{}", summary.dark));
  props.put("excluded", fmt::format("{}", summary.excluded));
  props.put("score", fmt::format("{}", summary.score()));
  props.put("coverage", fmt::format("{}", summary.coverage()));
  props.put("inventory", record.inventory.path);
  props.put("inventory-sha256", record.inventory.sha256);
  props.put("operator", record.run.user);
  props.put("authorised-by", record.inventory.authorised_by);
  props.end();
}

/// What no count shows, a line each; the newlines are ours.
std::string remarks_of(const RunRecord& record) {
  std::string lines;
  for (const std::string& part : told_left_out(record)) lines += "Left out: " + visible(part) + '\n';
  for (const std::string& notice : record.notices) lines += visible(notice) + '\n';
  if (!lines.empty()) lines.pop_back();
  return lines;
}

void put_result(OscalParts& parts) {
  JsonWriter& json = parts.json;
  const RunRecord& record = parts.record;
  const Verdict verdict = verdict_of(record);
  put(json, "uuid", parts.ids.of("result"));
  put(json, "title", title_of(record));
  put_name(json, "description");
  json.visible_text(verdict.headline + (verdict.detail.empty() ? "" : " " + verdict.detail));
  put(json, "start", format_utc(record.run.started));
  put(json, "end", format_utc(record.run.finished));
  put_result_props(parts);
  put_oscal_definitions(parts);
  put_name(json, "reviewed-controls");
  put_reviewed_controls(parts);
  put_oscal_attestations(parts);
  put_oscal_observations(parts);
  put_oscal_risks(parts);
  put_oscal_findings(parts);
  if (const std::string remarks = remarks_of(record); !remarks.empty()) {
    put_name(json, "remarks");
    json.String(remarks.data(), static_cast<rapidjson::SizeType>(remarks.size()));
  }
}

/// OSCAL wants a plan to be named. Where there is none the reference leads to a resource that says so.
void put_back_matter(OscalParts& parts) {
  if (!parts.record.inventory.assessment_plan.empty()) return;
  JsonWriter& json = parts.json;
  put_object(json, "back-matter", [&] {
    put_name(json, "resources");
    json.StartArray();
    put_object(json, [&] {
      put(json, "uuid", parts.ids.of("no-plan"));
      put(json, "title", std::string_view("No assessment plan was named"));
      put(json, "description",
          std::string_view("OSCAL requires the reference; the run had no assessment plan beside its inventory."));
    });
    json.EndArray();
  });
}

}  // namespace

void write_oscal(const RunRecord& record, const Style&, std::ostream& out) {
  JsonStream stream(out);
  JsonWriter json(stream);
  json.SetIndent(' ', 1);
  OscalParts parts{record, json, OscalIds(record), Lookup(record)};
  json.StartObject();
  put_object(json, "assessment-results", [&] {
    put(json, "uuid", parts.ids.of("report"));
    put_object(json, "metadata", [&] { put_metadata(parts); });
    put_object(json, "import-ap", [&] {
      const std::string& plan = parts.record.inventory.assessment_plan;
      put(json, "href", plan.empty() ? "#" + parts.ids.of("no-plan") : uri_of_reference(plan));
    });
    put_name(json, "results");
    json.StartArray();
    put_object(json, [&] { put_result(parts); });
    json.EndArray();
    put_back_matter(parts);
  });
  json.EndObject();
  stream.Put('\n');
  stream.Flush();
}

}  // namespace audit::report

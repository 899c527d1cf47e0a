#include "report/json_records.hpp"

#include "base/text.hpp"
#include "report/json_value.hpp"

namespace audit::report {

void put_run(JsonWriter& json, const RunRecord& record) {
  const auto& run = record.run;
  json.StartObject();
  put(json, "id", run.id);
  put(json, "started", format_utc(run.started));
  put(json, "finished", format_utc(run.finished));
  put(json, "day", format_day(record.dates.day));
  put(json, "timezone", record.dates.timezone);
  if (!run.local.zone.empty())
    put_object(json, "local", [&] {
      put(json, "zone", run.local.zone);
      put(json, "started", format_local(run.started, run.local.started_ahead));
      put(json, "finished", format_local(run.finished, run.local.finished_ahead));
    });
  put_flag(json, "complete", run.complete);
  put_some(json, "stopped_by", run.stopped_by);
  put(json, "seed", run.seed);
  put(json, "command", run.command);
  put_some(json, "user", run.user);
  put_object(json, "vantage", [&] {
    put(json, "host", run.vantage.host);
    put(json, "addresses", run.vantage.addresses);
    put(json, "resolvers", run.vantage.resolvers);
  });
  json.EndObject();
}

void put_inventory(JsonWriter& json, const RunRecord& record) {
  put(json, "path", record.inventory.path);
  put(json, "sha256", record.inventory.sha256);
  put(json, "name", record.inventory.name);
  put_some(json, "authorised_by", record.inventory.authorised_by);
  put_some(json, "ssp", record.inventory.ssp);
  put_some(json, "assessment_plan", record.inventory.assessment_plan);
  put_each(json, "files", record.inventory.files, [&](const auto& file) {
    json.StartObject();
    put(json, "path", file.path);
    put(json, "sha256", file.sha256);
    json.EndObject();
  });
  put_each(json, "sources", record.inventory.sources, [&](const SourceRecord& source) { put_source(json, source); });
}

void put_summary(JsonWriter& json, const RunRecord& record) {
  const Summary& summary = record.summary;
  json.StartObject();
  put(json, "planned", summary.planned);
  for (const Status status : all_statuses) put(json, name_of(status), summary.of(status));
  put_decisions(json, record);
  put(json, "targets", summary.targets);
  put(json, "dark", summary.dark);
  put(json, "excluded", summary.excluded);
  put(json, "score", summary.score());
  put(json, "coverage", summary.coverage());
  put(json, "require_coverage", record.require_coverage);
  put_counts(json, "results", all_statuses, summary.results);
  put_counts(json, "failures", worst_first, summary.failures);
  put_object(json, "probes", [&] {
    put(json, "asked", summary.probes.asked);
    put(json, "sent", summary.probes.sent);
    put(json, "shared", summary.probes.shared);
    put(json, "evicted", summary.probes.evicted);
    put(json, "retried", summary.probes.retried);
  });
  put(json, "local_faults", summary.probes.local_faults);
  json.EndObject();
}

void put_rule(JsonWriter& json, const RuleRecord& rule, const Controls& controls) {
  json.StartObject();
  put(json, "id", rule.id);
  put(json, "title", rule.title);
  put(json, "severity", name_of(rule.severity));
  put(json, "safety", name_of(rule.safety));
  put(json, "tags", rule.tags);
  put(json, "rationale", rule.rationale);
  put(json, "remediation", rule.remediation);
  put(json, "references", rule.references);
  put_object(json, "controls", [&] {
    for (const auto& [framework, ids] : controls.of(rule.id)) {
      put_string(json, framework);
      put_items(json, ids);
    }
  });
  put(json, "ports", rule.ports.format());
  put(json, "file", rule.file);
  put(json, "sha256", rule.sha256);
  json.EndObject();
}

void put_target(JsonWriter& json, const TargetRecord& target, const RunRecord& record) {
  json.StartObject();
  put(json, "id", target.id);
  put(json, "kind", name_of(target.kind));
  put(json, "life", name_of(target.life));
  put_some(json, "life_message", target.life_message);
  put(json, "names", target.names);
  put_each(json, "addresses", target.addresses,
           [&](const IpAddress& address) { put_string(json, format_address(address)); });
  put(json, "tags", target.tags);
  put(json, "groups", target.groups);
  put(json, "owner", target.owner);
  put_some(json, "zone", target.zone);
  put_some(json, "criticality", target.criticality);
  if (target.line > 0)
    put_object(json, "entry", [&] {
      put(json, "file", target.file);
      put(json, "line", std::uint64_t{target.line});
    });
  put_each(json, "ports", target.ports, [&](const PortRecord& port) {
    json.StartObject();
    put(json, "endpoint", format_endpoint(port.endpoint));
    put(json, "state", name_of(port.state));
    const auto service = record.services.find(port.endpoint.port);
    if (port.endpoint.transport == Transport::tcp && service != record.services.end())
      put(json, "service", service->second);
    put_some(json, "message", port.message);
    json.EndObject();
  });
  put(json, "ports_closed", target.ports_closed);
  put(json, "ports_filtered", target.ports_filtered);
  put(json, "ports_unasked", target.ports_unasked);
  json.EndObject();
}

void put_source(JsonWriter& json, const SourceRecord& source) {
  json.StartObject();
  put(json, "kind", source.kind);
  put_some(json, "path", source.path);
  if (!source.command.empty()) put(json, "command", source.command);
  put(json, "time", format_utc(source.time));
  put(json, "sha256", source.sha256);
  put(json, "targets", source.targets);
  json.EndObject();
}

void put_left_out(JsonWriter& json, const LeftOut& part) {
  json.StartObject();
  put(json, "by", name_of(part.by));
  put_some(json, "rule", part.rule);
  put(json, "count", part.count);
  put(json, "of", part.of);
  put_flag(json, "candidates", part.candidates);
  put_some(json, "example", part.example);
  put(json, "message", words_of(part));
  json.EndObject();
}

void put_addresses(JsonWriter& json, const AddressList& list) {
  json.StartObject();
  put(json, "source", list.source);
  put(json, "count", list.count);
  put_each(json, "blocks", list.blocks, [&](const AddressBlock& block) { put_string(json, format_block(block)); });
  put(json, "names", list.names);
  json.EndObject();
}

}  // namespace audit::report

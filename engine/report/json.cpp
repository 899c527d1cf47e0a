#include "report/json.hpp"

#include <ostream>

#include "report/json_records.hpp"
#include "report/json_value.hpp"

namespace audit::report {

void write_json(const RunRecord& record, const Style&, std::ostream& out) {
  JsonStream stream(out);
  JsonWriter json(stream);
  json.SetIndent(' ', 1);
  json.StartObject();
  put(json, "schema", std::uint64_t{1});
  put_name(json, "tool");
  json.StartObject();
  put(json, "name", record.tool.name);
  put(json, "version", record.tool.version);
  json.EndObject();
  put_name(json, "run");
  put_run(json, record);
  put_name(json, "inventory");
  json.StartObject();
  put_inventory(json, record);
  json.EndObject();
  put_name(json, "summary");
  put_summary(json, record);
  put_each(json, "rules", record.rules, [&](const RuleRecord& rule) { put_rule(json, rule, record.controls); });
  put_each(json, "frameworks", record.frameworks,
           [&](const FrameworkAssessment& framework) { put_framework(json, framework); });
  put_each(json, "targets", record.targets, [&](const TargetRecord& target) { put_target(json, target, record); });
  put_each(json, "checks", record.checks, [&](const Check& check) { put_check(json, check, record, Seen::told); });
  put_each(json, "waivers", record.waivers, [&](const WaiverRecord& waiver) { put_waiver(json, waiver); });
  put_each(json, "attestations", record.attestations,
           [&](const AttestationRecord& attestation) { put_attestation(json, attestation); });
  put_each(json, "dark", record.dark, [&](const AddressList& list) { put_addresses(json, list); });
  put_each(json, "excluded", record.excluded, [&](const AddressList& list) { put_addresses(json, list); });
  put_each(json, "left_out", record.left_out, [&](const LeftOut& part) { put_left_out(json, part); });
  put(json, "notices", record.notices);
  json.EndObject();
  stream.Put('\n');
  stream.Flush();
}

}  // namespace audit::report

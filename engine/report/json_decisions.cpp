#include "report/decisions.hpp"
#include "report/json_records.hpp"
#include "report/json_value.hpp"

namespace audit::report {

void put_waiver(JsonWriter& json, const WaiverRecord& waiver) {
  json.StartObject();
  put(json, "id", waiver.id);
  put(json, "rule", waiver.rule);
  put(json, "targets", waiver.targets);
  put_some(json, "endpoint", waiver.endpoint);
  put(json, "covers", waiver.covers);
  put(json, "reason", waiver.reason);
  put(json, "approver", waiver.approver);
  put_some(json, "ticket", waiver.ticket);
  put(json, "starts", format_day(waiver.starts));
  put(json, "expires", format_day(waiver.expires));
  put(json, "state", name_of(waiver.state));
  put_flag(json, "unused", waiver.unused());
  put_name(json, "days_left");
  json.Int64(waiver.days_left);
  put(json, "named", waiver.named);
  put(json, "matched", waiver.matched);
  put(json, "waived", waiver.waived);
  json.EndObject();
}

void put_attestation(JsonWriter& json, const AttestationRecord& attestation) {
  json.StartObject();
  put(json, "control", attestation.control);
  put(json, "status", name_of(attestation.effective()));
  put(json, "stated", name_of(attestation.status));
  put(json, "state", name_of(attestation.state));
  put(json, "by", attestation.by);
  put(json, "date", format_day(attestation.date));
  put(json, "valid_until", format_day(attestation.valid_until));
  put(json, "evidence", attestation.evidence);
  json.EndObject();
}

void put_decisions(JsonWriter& json, const RunRecord& record) {
  const Summary& summary = record.summary;
  put(json, "waived", summary.waived);
  put_counts(json, "waived_failures", worst_first, summary.waived_failures);
  put(json, "waived_unseen", summary.waived_unseen);
  put(json, "accepted_coverage", summary.accepted_coverage());
  constexpr std::array effects{Status::pass, Status::fail, Status::not_applicable, Status::not_reviewed};
  put_counts(json, "attestations", effects, count_attestations(record));
}

}  // namespace audit::report

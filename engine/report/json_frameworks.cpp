#include "report/json_records.hpp"
#include "report/json_value.hpp"

namespace audit::report {
namespace {

void put_outcome(JsonWriter& json, const RuleOutcome& outcome) {
  put(json, "planned", outcome.planned());
  for (const Status status : all_statuses) put(json, name_of(status), outcome.of(status));
  put(json, "failures", outcome.failures);
  put(json, "waived", outcome.waived);
}

/// The first checks of a kind, and how many more there are.
void put_refs(JsonWriter& json, std::string_view name, std::string_view left, std::uint64_t all,
              const std::vector<RuleOutcome::Ref>& refs) {
  put_each(json, name, refs, [&](const RuleOutcome::Ref& ref) {
    json.StartObject();
    put(json, "target", ref.target);
    put(json, "status", name_of(ref.status));
    put(json, "reason", name_of(ref.reason));
    put(json, "failures", ref.failures);
    put(json, "waived", ref.waived);
    json.EndObject();
  });
  put(json, left, all - refs.size());
}

void put_mapped(JsonWriter& json, const ControlAssessment::Mapped& mapped) {
  json.StartObject();
  put(json, "rule", mapped.mapping.rule);
  put(json, "supports", name_of(mapped.mapping.supports));
  put(json, "why", mapped.mapping.why);
  put_flag(json, "selected", mapped.outcome.selected);
  put_outcome(json, mapped.outcome);
  put_refs(json, "failed", "failed_left_out", mapped.outcome.of(Status::fail), mapped.outcome.failed);
  put_refs(json, "unseen", "unseen_left_out", mapped.outcome.blind(), mapped.outcome.unseen);
  put_each(json, "left_out", mapped.outcome.left_out, [&](const LeftOut& part) { put_left_out(json, part); });
  json.EndObject();
}

void put_answer(JsonWriter& json, const ControlAnswer& answer) {
  put_object(json, "attestation", [&] {
    put(json, "status", answer.status);
    put_flag(json, "met", answer.met);
    put_flag(json, "current", answer.current);
    put(json, "by", answer.by);
    put(json, "date", answer.date);
    put(json, "valid_until", answer.valid_until);
    put(json, "evidence", answer.evidence);
  });
}

void put_control(JsonWriter& json, const ControlAssessment& control) {
  json.StartObject();
  put(json, "id", control.id);
  put(json, "title", control.title);
  put(json, "state", name_of(control.state));
  put(json, "why", control.why);
  put_object(json, "checks", [&] { put_outcome(json, control.sum); });
  put_each(json, "rules", control.rules, [&](const ControlAssessment::Mapped& mapped) { put_mapped(json, mapped); });
  if (control.answer) put_answer(json, *control.answer);
  json.EndObject();
}

}  // namespace

void put_framework(JsonWriter& json, const FrameworkAssessment& framework) {
  json.StartObject();
  put(json, "id", framework.id);
  put(json, "title", framework.title);
  put(json, "version", framework.version);
  put(json, "url", framework.url);
  put(json, "note", framework.note);
  put_counts(json, "counts", all_control_states, framework.counts());
  put_each(json, "controls", framework.controls, [&](const ControlAssessment& control) { put_control(json, control); });
  json.EndObject();
}

}  // namespace audit::report

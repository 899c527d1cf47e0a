#pragma once

#include <array>

#include "base/run_record.hpp"
#include "report/json_stream.hpp"

namespace audit::report {

inline constexpr std::array worst_first{Severity::critical, Severity::high, Severity::medium, Severity::low,
                                        Severity::info};

// The members of the JSON report, one object each.

void put_run(JsonWriter& json, const RunRecord& record);
/// Path, digest, name, who answers for it, and its files and sources.
void put_inventory(JsonWriter& json, const RunRecord& record);
void put_summary(JsonWriter& json, const RunRecord& record);
void put_rule(JsonWriter& json, const RuleRecord& rule, const Controls& controls);
/// What the run says of each control: its state and why, and the checks behind it, rule by rule.
void put_framework(JsonWriter& json, const FrameworkAssessment& framework);
void put_target(JsonWriter& json, const TargetRecord& target, const RunRecord& record);
/// Is it told since when failures and errors are seen?
enum class Seen : bool { told, left_out };
/// With what its record knows of earlier runs, where `seen` is told: a failure or an error has `first_seen`, the start of the first run that had
/// it, and `last_seen`, the start of this one, where a history is kept.
void put_check(JsonWriter& json, const Check& check, const RunRecord& record, Seen seen);
void put_decisions(JsonWriter& json, const RunRecord& record);  // of the summary
void put_waiver(JsonWriter& json, const WaiverRecord& waiver);
void put_attestation(JsonWriter& json, const AttestationRecord& attestation);
void put_source(JsonWriter& json, const SourceRecord& source);
void put_left_out(JsonWriter& json, const LeftOut& part);
void put_addresses(JsonWriter& json, const AddressList& list);

}  // namespace audit::report

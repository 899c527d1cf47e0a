#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/run_record.hpp"

namespace audit::report {

// Views of a record for people: the same findings, put together by what a reader does next. They point into the record,
// which must outlive them. Order depends only on the record.

struct FindingRef {
  const Check* check;
  const Finding* finding;
  std::optional<WallTime> first_seen;  // where the run is one of a history
};

/// The failures of one severity, by rule (by id), each in the order of the record.
struct RuleFailures {
  std::string_view id;
  const RuleRecord* rule;  // null where the record does not describe it
  std::vector<FindingRef> findings;
};
struct SeverityFailures {
  Severity severity;
  std::uint64_t count = 0;
  std::vector<RuleFailures> rules;
};
/// The worst first; severities without a failure are absent.
[[nodiscard]] std::vector<SeverityFailures> failures_by_severity(const RunRecord& record);

/// Results that could not be judged for one reason. Rules that have the same targets to show for it are one group.
struct Unjudged {
  Status status;
  Reason reason;
  std::vector<std::string_view> rules;
  std::vector<std::string_view> targets;
  std::uint64_t results = 0;
  std::string_view message;            // of the first
  bool varied = false;                 // others say something else
  std::uint64_t waived = 0;            // of the results
  std::optional<WallTime> first_seen;  // of the one that has been seen longest
};
/// Errors first, then not_reviewed; by reason, then the larger group first.
[[nodiscard]] std::vector<Unjudged> unjudged(const RunRecord& record);

/// "; 3 of 5 results waived", or "".
[[nodiscard]] std::string waived_part(const Unjudged& group);

/// "2026-11-01", in UTC.
[[nodiscard]] std::string day_of(WallTime time);
/// "; since 2026-11-01", or "".
[[nodiscard]] std::string since_part(const Unjudged& group);

/// Informational results of one rule that say the same.
struct Remark {
  std::string_view rule;
  std::string_view message;
  std::vector<std::string_view> targets;
};
/// By rule, then the larger group first.
[[nodiscard]] std::vector<Remark> remarks(const RunRecord& record);

/// "sw-1, sw-2 and 12 more": the first `most` names or one over, `visible` and cut.
[[nodiscard]] std::string examples(const std::vector<std::string_view>& names, std::size_t most);

/// What a rule came to: its checks by status.
struct Tally {
  std::string_view id;
  const RuleRecord* rule;
  std::array<std::uint64_t, status_count> checks{};
};
[[nodiscard]] std::vector<Tally> tallies(const RunRecord& record);

/// What a target came to, in results.
struct Standing {
  std::uint64_t failures = 0;
  std::uint64_t unjudged = 0;       // error and not_reviewed
  Severity worst = Severity::info;  // of the failures
};
/// Targets that have a failure or something that was not judged.
[[nodiscard]] std::map<std::string_view, Standing> standings(const RunRecord& record);

}  // namespace audit::report
